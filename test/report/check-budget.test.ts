// Budgets against costs: a limit holds up to the last parameter, FLOP and byte, and what exceeds it names both sides.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildManifest } from '../../compiler/bundle/build-manifest.ts';
import { compile, cost, overBudget } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { type CostLimit, QUANTITIES, type Quantity } from '../../compiler/model/cost-limit.ts';
import { memoryNeed } from '../../runtime/memory-need.ts';
import { sources } from '../support/sources.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const quantities = Object.keys(QUANTITIES) as Quantity[];

async function compiled(text: string) {
  const { result } = compile('m.bform', sources({ 'm.bform': text }));
  const manifest = { ...(await buildManifest(result!)), files: {} };
  const memoryAt = (sizes: Readonly<Record<string, number>>) => memoryNeed(manifest, sizes).total;
  const over = (limit: Pick<CostLimit, 'quantity' | 'atMost'> & Partial<CostLimit>) =>
    overBudget(
      result!,
      [{ text: String(limit.atMost), sizes: {}, span: result!.model.span, ...limit }],
      memoryAt,
    );
  return { plan: result!, memoryAt, over };
}

describe.each(['hello', 'gpt2-tiny', 'mixture'])('the limits of %s', (name) => {
  it.each(quantities)('of %s hold for what it costs, and for one less do not', async (quantity) => {
    const { plan, memoryAt, over } = await compiled(read(`examples/${name}/model.bform`));
    const sizes = { b: 1, t: plan.model.settings.context! };
    const { params, work, tokens, kernels } = cost(plan, sizes);
    const perToken = (2n * work.macs + tokens - 1n) / tokens;
    const spent: Readonly<Record<Quantity, bigint>> = {
      params: params.total,
      activated: params.activated,
      flops: 2n * work.macs,
      flops_per_token: perToken,
      memory: BigInt(memoryAt(sizes)),
      weights: 4n * params.total,
      dispatches: BigInt(kernels.reduce((sum, { times }) => sum + times, 0)),
    };
    expect(spent[quantity]).toBeGreaterThan(1n);
    expect(over({ quantity, atMost: spent[quantity] })).toEqual([]);
    const found = over({ quantity, atMost: spent[quantity] - 1n });
    expect(found.map(({ code, severity }) => [code, severity])).toEqual([['BF4201', 'error']]);
  });
});

describe('a limit', () => {
  it('is of its own sizes, else of one sequence as long as the context', async () => {
    const { plan, over } = await compiled(read('examples/hello/model.bform'));
    const flopsAt = (sizes: Record<string, number>) => 2n * cost(plan, sizes).work.macs;
    for (const sizes of [{ b: 2, t: 100 }, { t: 7 }, { b: 3 }]) {
      const all = { b: 1, t: 512, ...sizes };
      const limit = { quantity: 'flops', sizes } as const;
      expect(over({ ...limit, atMost: flopsAt(all) })).toEqual([]);
      const [found] = over({ ...limit, atMost: flopsAt(all) - 1n });
      expect(found!.message).toContain(` at b = ${all.b}, t = ${all.t}, over the budget of `);
    }
  });

  it('of FLOPs for each token is exact where the FLOPs do not divide', async () => {
    // Pairs of 5 tokens that see themselves and one before: 9.
    const { plan, over } = await compiled(
      'use std.{attention, sliding_window}\nmodel m (x: [b, t, 2]) -> y { attention(heads: 1, mask: sliding_window(2)) }',
    );
    const limit = { quantity: 'flops_per_token', sizes: { t: 5 } } as const;
    const { work, tokens } = cost(plan, { b: 1, t: 5 });
    const whole = (2n * work.macs) / tokens;
    expect((2n * work.macs) % tokens).toBe(2n);
    expect(over({ ...limit, atMost: whole + 1n })).toEqual([]);
    const [found] = over({ ...limit, atMost: whole });
    expect(found!.message).toContain(`takes ${whole}.40 FLOPs for each token at b = 1, t = 5`);
  });

  it('names the three layers that cost most, where the model has them', async () => {
    const { over } = await compiled(read('examples/hello/model.bform'));
    const [found] = over({ quantity: 'params', atMost: 500_000n, text: '500K' });
    expect(renderDiagnostics([found!], { color: false })).toBe(
      `error[BF4201]: \`hello\` has 820,352 parameters (820.4K), over the budget of 500K (500,000)
  --> m.bform:15:7
   |
15 | model hello {
   |       ^^^^^
  ::: m.bform:11:25
   |
11 |   pre_norm(rms_norm): a f
   |                         - blocks.*.f.gate 196,608 parameters (24.0 %), blocks.*.f.up 196,608 parameters (24.0 %), blocks.*.f.down 196,608 parameters (24.0 %)
   |
   = hint: \`bform report m.bform:hello\` shows what each layer costs
`,
    );
  });

  it('that no device could keep to is not kept', async () => {
    const { plan } = await compiled(read('examples/hello/model.bform'));
    const limit = { quantity: 'memory', atMost: 2n ** 60n, text: '1', sizes: {} } as const;
    const [found] = overBudget(plan, [{ ...limit, span: plan.model.span }], () => undefined);
    expect(found!.message).toContain('no device can run `hello` at b = 1, t = 512');
  });

  it('of an option is named by it; as a warning it is no error', async () => {
    const { plan } = await compiled(read('examples/hello/model.bform'));
    const { span } = plan.model;
    const demand = { quantity: 'dispatches', atMost: 5n, text: '5', sizes: {}, span } as const;
    const [found] = overBudget(
      plan,
      [{ ...demand, option: '--max-dispatches' }],
      () => undefined,
      'warning',
    );
    expect(found!.severity).toBe('warning');
    expect(found!.message).toMatch(
      /^`hello` takes \d+ dispatches in a run, over --max-dispatches 5$/,
    );
  });
});
