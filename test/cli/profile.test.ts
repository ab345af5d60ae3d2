// bform profile as a process: on a file and on a bundle, with and without a device to predict for, and its mistakes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProfileReport } from '../../cli/profile/profile-report.ts';
import { bform, repository, temporaryFolder } from '../support/cli.ts';
import { ownCache } from '../support/own-cache.ts';

const folder = temporaryFolder();
const example = join(repository, 'examples/gpt2-tiny/model.bform');
const bundle = join(folder, 'bundle');

/** In which no device has been measured. */
const env = ownCache(folder);

beforeAll(async () => {
  expect((await bform(['compile', example, '-o', bundle, '--seed', '1'])).code).toBe(0);
});

const small = ['--seq', '16', '--repeats', '2'];
const sum = (rows: readonly { readonly ms: number }[]): number =>
  rows.reduce((total, { ms }) => total + ms, 0);

describe('bform profile', () => {
  it('times every dispatch of a file, in rows that add up to the wall clock', async () => {
    const { code, stdout, stderr } = await bform(['profile', example, ...small, '--json'], { env });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: this adapter has not been measured, so nothing is predicted\./m);
    const report = JSON.parse(stdout) as ProfileReport;
    const { kernels, layers, betweenMs, run } = report;
    expect([report.model, report.sizes]).toEqual(['gpt2_tiny', { b: 1, t: 16 }]);
    expect(report.method).toBe('timestamps');
    expect(report.resolutionNs).toBeLessThanOrEqual(1000);
    const dispatches = kernels.flatMap((kernel) => kernel.dispatches);
    expect(dispatches).toHaveLength(1 + 7 * 3 + 2);
    expect(dispatches.filter(({ ms }) => !(ms > 0))).toEqual([]);
    expect(betweenMs).toBeGreaterThan(0);
    expect(sum(kernels) + betweenMs).toBeCloseTo(run.wallMs, 6);
    expect(sum(layers) + betweenMs).toBeCloseTo(run.wallMs, 6);
    expect(report.predictedMs).toBeUndefined();
  });

  it('of a bundle finds the same kernels, beside a prediction for the device that is named', async () => {
    const { code, stdout, stderr } = await bform(
      ['profile', bundle, ...small, '--device', 'RTX 3060'],
      { env },
    );
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('note:')]);
    expect(stdout).toContain('Predicted for RTX 3060 (data sheet: 12.7 TFLOP/s, 360 GB/s, ');
    expect(stdout).toMatch(
      /^kernel +runs +measured +share +FLOP\/s +B\/s +predicted +of roofline +bound$/m,
    );
    expect(stdout).toMatch(
      /^blocks\.\*\.a attend +3 +[\d.]+ (ms|µs) +[\d.]+ % +[\d.]+ [MG] +[\d.]+ [MG] +[\d.]+ (µs|ns) +[\d.]+ % +memory$/m,
    );
    expect(stdout).toMatch(/^blocks\.\*\.a\.wq +linear +[\d.]+ (ms|µs) /m);
  });

  it('predicts for this adapter once it has been measured, and writes to a file', async () => {
    const measured = ownCache(join(folder, 'measured'));
    expect((await bform(['probe', '--repeats', '1'], { env: measured })).code).toBe(0);
    const output = join(folder, 'profile.json');
    const { code, stdout } = await bform(['profile', example, ...small, '--json', '-o', output], {
      env: measured,
    });
    expect([code, stdout]).toEqual([0, '']);
    const report = JSON.parse(readFileSync(output, 'utf8'));
    expect(report.device.kind).toBe('measured');
    expect(report.device.adapter).toEqual(report.adapter);
    for (const { predicted } of report.kernels) expect(predicted.ms).toBeGreaterThan(0);
  });

  it.each([
    ['a file that is not there', ['none.bform'], 1, 'There is no file or folder none.bform.'],
    ['a sequence that is too long', [example, '--seq', '4096'], 2, "outside the model's limits"],
    ['a mistyped device', [example, '--device', 'rtx-4900'], 2, 'Did you mean rtx-4090?'],
    [
      'a file that is no profile',
      [example, '--device', example.replace(/bform$/, 'json')],
      1,
      'There is no file',
    ],
    ['this adapter, not measured', [example, '--device', 'this'], 1, 'To measure it: bform probe'],
    ['a folder to write to', [example, '-o', folder], 1, 'is there already and is no file'],
  ])('says what is wrong with %s', async (_, words, expected, message) => {
    const { code, stdout, stderr } = await bform(['profile', ...words], { env });
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toContain(message);
  });

  it('ends with code 3 where there is no adapter', async () => {
    const { code, stderr } = await bform(['profile', example, ...small], {
      env: { ...env, VK_ICD_FILENAMES: join(folder, 'no-driver.json'), VK_DRIVER_FILES: '' },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: No graphics adapter was found/m);
  });
});
