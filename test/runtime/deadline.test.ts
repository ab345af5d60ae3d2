import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDeadline } from '../../runtime/deadline.ts';
import { DeadlineError, InputError } from '../../runtime/errors.ts';
import { openSession } from '../../runtime/session.ts';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

let device: GPUDevice;
beforeAll(async () => {
  device = await gpuDevice();
});
afterAll(closeGpu);

const tokens = [[4, 10, 0]];
const never = new Promise<string>(() => {});

describe('a deadline', () => {
  it('ends the wait for work that does not end, and says which deadline it was', async () => {
    const error = await withDeadline('The step', 5, never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeadlineError);
    expect(error).toMatchObject({
      code: 'BF9011',
      deadline: 5,
      message: 'The step took longer than its deadline of 5 ms.',
    });
  });

  it('changes nothing about work that ends in time, well or not', async () => {
    expect(await withDeadline('The step', 60_000, Promise.resolve('done'))).toBe('done');
    const failing = Promise.reject(new Error('its own fault'));
    await expect(withDeadline('The step', 60_000, failing)).rejects.toThrow('its own fault');
  });

  it('may be longer than a timer can count', async () => {
    const soon = new Promise((resolve) => setTimeout(() => resolve('done'), 20));
    expect(await withDeadline('The step', 1e15, soon)).toBe('done');
  });
});

describe('a run with a deadline', () => {
  it('rejects when it takes longer; the runs after it give what they should', async () => {
    const bundle = tinyBundle({ turns: 6000 });
    using session = await openSession(device, bundle.manifest, bundle);
    await session.run({ tokens });
    await expect(session.run({ tokens }, { deadline: 1 })).rejects.toThrow(
      new RegExp(`^The run of ${bundle.manifest.model} took longer than its deadline of 1 ms`),
    );
    const { y } = await session.run({ tokens });
    expect(Array.from(y!.data)).toEqual(bundle.expected(tokens));
  });

  it('counts from its turn: it does not pay for the runs before it', async () => {
    const bundle = tinyBundle({ turns: 1 });
    using session = await openSession(device, bundle.manifest, bundle);
    const runs = Array.from({ length: 50 }, () => session.run({ tokens }, { deadline: 60_000 }));
    for (const { y } of await Promise.all(runs))
      expect(Array.from(y!.data)).toEqual(bundle.expected(tokens));
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'takes no deadline of %f',
    async (deadline) => {
      const bundle = tinyBundle();
      using session = await openSession(device, bundle.manifest, bundle);
      await expect(session.run({ tokens }, { deadline })).rejects.toThrow(InputError);
    },
  );
});
