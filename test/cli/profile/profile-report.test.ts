// Measured times joined with costs and predictions: figures worked out from times that are given, and rows that add up.
import { describe, expect, it } from 'vitest';
import { type ProfileReport, profileReport } from '../../../cli/profile/profile-report.ts';
import { profileText } from '../../../cli/profile/profile-text.ts';
import { type Compilation, compile, cost } from '../../../compiler/compile.ts';
import { demandOf, predictTimes } from '../../../compiler/cost/predict-times.ts';
import { predict, type Roofline } from '../../../compiler/cost/roofline.ts';
import type { RunProfile } from '../../../runtime/profile.ts';
import { sources } from '../../support/sources.ts';

const SOURCE = `
use std.{embed, gpt2_block, layer_norm, learned_positions, unembed}
model m {
  vocab: 96
  context: 64
  let blocks = gpt2_block(48, heads: 6)
  embed(48) -> learned_positions -> blocks * 3 -> layer_norm -> unembed(tied: true)
}`;

const compiled = compile('model.bform', sources({ 'model.bform': SOURCE })).result as Compilation;
const costs = cost(compiled, { b: 2, t: 32 });
const roofline: Roofline = { flops: 1e10, bytesPerSecond: 1e9, dispatchMs: 0.01, submitMs: 0.5 };

/** A run of which each kernel takes so long in each of its turns, and 2 ms pass besides. */
function profileOf(msOf: (step: number) => number): RunProfile {
  const dispatches = costs.kernels.flatMap(({ times }, step) =>
    Array.from({ length: times }, (_, turn) => {
      const ms = msOf(step);
      return {
        step,
        kernel: step,
        turns: times > 1 ? [turn] : [],
        ms: { median: ms, least: ms / 2, most: 2 * ms },
      };
    }),
  );
  const deviceMs = dispatches.reduce((sum, { ms }) => sum + ms.median, 0);
  return {
    method: 'timestamps',
    resolutionNs: 1,
    repeats: 3,
    dispatches,
    timingMs: 0.001,
    run: { wallMs: deviceMs + 2, submitMs: deviceMs + 1, deviceMs },
    wallMs: { least: deviceMs + 2, most: deviceMs + 3 },
  };
}

const sum = (rows: readonly { readonly ms: number }[]): number =>
  rows.reduce((total, { ms }) => total + ms, 0);

/** Each kernel as fast as the roofline without dispatches allows. */
const atBest = profileOf((step) => {
  const demand = demandOf(costs.kernels[step]!);
  return predict({ ...demand, dispatches: 0 }, roofline).ms / costs.kernels[step]!.times;
});

describe('a profile', () => {
  it('adds up to the wall clock, by kernel and by layer', () => {
    const profile = profileOf((step) => 1 + step);
    const { kernels, layers, betweenMs, run } = profileReport(costs, profile);
    expect(betweenMs).toBeCloseTo(2, 9);
    expect(sum(kernels) + betweenMs).toBeCloseTo(run.wallMs, 9);
    expect(sum(layers) + betweenMs).toBeCloseTo(run.wallMs, 9);
  });

  it('calls layers as reports do', () => {
    const names = new Map([['blocks.*', 'brew']]);
    const { layers } = profileReport(
      costs,
      profileOf(() => 1),
      undefined,
      names,
    );
    const layerAt = (at: string) => layers.find(({ path }) => path === at)?.layer;
    expect([layerAt('blocks.*'), layerAt('blocks.*.f.down')]).toEqual(['brew', 'linear']);
  });

  it('has every turn of a kernel in its row, and its rates from their sum', () => {
    const { kernels } = profileReport(
      costs,
      profileOf(() => 2),
    );
    const index = costs.kernels.findIndex(({ label }) => label === 'blocks.{0}.f.down dot');
    const row = kernels[index]!;
    expect(row.label).toBe('blocks.*.f.down dot');
    expect(row.dispatches.map(({ turns }) => turns)).toEqual([[0], [1], [2]]);
    expect(row.ms).toBe(6);
    // 3 turns of [64, 192] times [192, 48], each multiply-add 2 FLOPs, in 6 ms.
    expect(row.flops).toBe(3 * 2 * 64 * 192 * 48);
    expect(row.flopsPerSecond).toBe(row.flops / 0.006);
    expect(row.bytesPerSecond).toBe(row.bytes / 0.006);
  });

  it('predicts what the roofline does, and nothing without one', () => {
    const { kernels, layers, predictedMs } = profileReport(costs, atBest, roofline);
    const times = predictTimes(costs, roofline);
    expect(kernels.map(({ predicted }) => predicted!.ms)).toEqual(
      times.kernels.map(({ ms }) => ms),
    );
    expect(predictedMs).toBeCloseTo(times.ms, 9);
    for (const { path, predicted } of layers)
      expect([path, predicted!.bound]).toEqual([path, times.layers.get(path)!.bound]);
    const without = profileReport(costs, atBest);
    expect(without.predictedMs).toBeUndefined();
    expect(without.kernels.some(({ predicted }) => predicted)).toBe(false);
  });

  it('reaches the whole roofline where kernels take as long as it says, and half of it in twice that', () => {
    for (const { predicted } of profileReport(costs, atBest, roofline).kernels)
      expect(predicted!.ofRoofline).toBeCloseTo(1, 9);
    const slower = profileOf((step) => {
      const { ms } = atBest.dispatches.find((dispatch) => dispatch.step === step)!;
      return 2 * ms.median;
    });
    const { kernels, layers } = profileReport(costs, slower, roofline);
    for (const { predicted } of [...kernels, ...layers])
      expect(predicted!.ofRoofline).toBeCloseTo(0.5, 9);
  });
});

describe('a profile as text', () => {
  const text = (report: ProfileReport, device?: Parameters<typeof profileText>[1]['device']) =>
    profileText(report, { adapter: 'a driver', device, bold: (words) => `<${words}>` });

  it('has two tables that end with the rest and the wall clock', () => {
    const lines = text(
      profileReport(
        costs,
        profileOf(() => 2),
      ),
    ).split('\n');
    const tables = lines.filter((line) => /^<(kernel|path) /.test(line));
    expect(tables).toHaveLength(2);
    const rest = lines.filter((line) => line.startsWith('between kernels '));
    const totals = lines.filter((line) => line.startsWith('<wall clock '));
    expect(rest).toHaveLength(2);
    expect(new Set(rest.map((line) => line.match(/[\d.]+ ms/)![0]))).toEqual(new Set(['2.00 ms']));
    expect(totals).toHaveLength(2);
    for (const line of totals) expect(line).toMatch(/ 100\.0 %>$/);
  });

  it('says what it was predicted for', () => {
    const report = profileReport(costs, atBest, roofline);
    const sheet = {
      format: 'bform-device',
      version: 1,
      kind: 'data sheet',
      name: 'a card',
      flops: 1e10,
      bytesPerSecond: 1e9,
      source: 'its data sheet',
    } as const;
    expect(text(report, sheet)).toContain(
      'Predicted for a card (data sheet: 10.0 GFLOP/s, 1.00 GB/s, launch costs not known):',
    );
    expect(text(report, sheet)).toMatch(/^blocks\.\*\.f\.down dot .* 100\.0 % +(compute|memory)$/m);
  });
});
