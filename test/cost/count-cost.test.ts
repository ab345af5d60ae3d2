import { expect, test } from 'vitest';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { type CostRowJson, costJson, costText } from '../../compiler/cost/format.ts';
import { type AttendOptions, buildGraph, type GraphBuilder } from '../../compiler/graph/builder.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { llamaGraph } from '../support/decoder-graph.ts';

/** The shape of the 260K-parameter LLaMA of the tiny stories. */
const STORIES = { vocab: 512, context: 512, layers: 5, d: 64, heads: 8, kvHeads: 4, hidden: 172 };

function withMemory(shape: typeof STORIES, sizes: Record<string, number>): CostReport {
  const graph = llamaGraph(shape);
  return countCost(graph, sizes, memoryUse(graph, schedule(graph), sizes));
}

test('parameters of a LLaMA are those of its published count, tied weights once', () => {
  const { params, embeddings } = countCost(llamaGraph(STORIES), { b: 1, t: 1 });
  expect(params).toEqual({ total: 260_032n, activated: 260_032n });
  expect(embeddings.total).toBe(512n * 64n);
});

test('multiply-adds of a LLaMA follow the closed formula', () => {
  const { vocab, layers, d, heads, kvHeads, hidden } = STORIES;
  const [b, t] = [3, 129];
  const { work } = countCost(llamaGraph(STORIES), { b, t });
  // Multiply-adds a token: q and o, k and v of the shared heads, three matrices of the gated layer, the logits.
  const perToken =
    layers * (2 * d * d + 2 * d * d * (kvHeads / heads) + 3 * d * hidden) + d * vocab;
  const square = layers * 2 * t * t * d;
  const causal = layers * 2 * ((t * (t + 1)) / 2) * d;
  expect(work.macs).toBe(BigInt(b * (t * perToken + causal)));
  expect(work.macsFullSquare).toBe(BigInt(b * (t * perToken + square)));
});

test('a sliding window counts its pairs exactly', () => {
  const count = (window: number) => {
    const shape = { ...STORIES, window };
    return countCost(llamaGraph(shape), { b: 1, t: 20 }).work.macs;
  };
  // Queries 0..3 see 1..4 keys, the other sixteen 5: 10 + 80 pairs, against 20 of a window of one.
  expect(count(5) - count(1)).toBe(BigInt(STORIES.layers * 2 * (90 - 20) * STORIES.d));
  expect(count(1000)).toBe(countCost(llamaGraph(STORIES), { b: 1, t: 20 }).work.macs);
});

test('rows add up to the totals, with repeated layers standing once', () => {
  const report = costJson(withMemory(STORIES, { b: 2, t: 50 }));
  const sum = (key: Exclude<keyof CostRowJson, 'path' | 'layer'>) =>
    report.rows.reduce((total, row) => total + row[key], 0);
  expect(sum('params')).toBe(report.params.total);
  expect(sum('activated')).toBe(report.params.activated);
  expect(sum('macs')).toBe(report.macs.forward);
  expect(sum('macsFullSquare')).toBe(report.macs.forwardFullSquare);
  expect(sum('flops')).toBe(report.flops.forward);
  expect(sum('elementwise')).toBe(report.flops.elementwise);
  expect(sum('flopsFullSquare')).toBe(report.flops.forwardFullSquare);
  expect(sum('weightBytes')).toBe(report.bytes.weights);
  expect(sum('activationBytes')).toBe(report.bytes.activations);
  expect(report.flops.perToken * 100).toBe(report.flops.forward);
  const wq = report.rows.filter((row) => row.path === 'blocks.*.a.wq');
  expect(wq).toEqual([
    expect.objectContaining({
      layer: 'linear',
      count: 5,
      params: 5 * 64 * 64,
      macs: 5 * 100 * 64 * 64,
    }),
  ]);
});

test('the table states its conventions and ends in the totals', () => {
  const text = costText(withMemory({ ...STORIES, layers: 2 }, { b: 1, t: 7 }));
  expect(text).toMatchInlineSnapshot(`
    "llama: one forward run at b = 1, t = 7, counted exactly
    1 MAC (multiply-add of a matrix product or of attention) = 2 FLOPs.
    Attention counts only the pairs of query and key that its mask keeps; full square: FLOPs with all pairs.
    Other arithmetic on f32 stands apart as elementwise: one for each operation on an element.
    Look-ups, views and integer arithmetic cost nothing. Rows hold all turns of a repeat.
    Activated: parameters that a token meets, those of experts by the share of the tokens that each gets.
    Activation bytes are what a layer writes to memory; what fusion keeps in registers is not written.

    path             layer      times  parameters  activated     MACs      FLOPs  full square  elementwise  weight bytes  activation bytes
    --------------------------------------------------------------------------------------------------------------------------------------
    (model)                         1           0          0        0          0            0        1,792             0             7,168
    embed            embed          1      32,768     32,768        0          0            0            0       131,072             1,792
    blocks.*.a_norm  rms_norm       2         128        128        0          0            0        3,612           512                56
    blocks.*.a.wq    linear         2       8,192      8,192   57,344    114,688      114,688            0        32,768             3,584
    blocks.*.a.wk    linear         2       4,096      4,096   28,672     57,344       57,344            0        16,384             1,792
    blocks.*.a.wv    linear         2       4,096      4,096   28,672     57,344       57,344            0        16,384             1,792
    blocks.*.a       attention      2           0          0    7,168     14,336       25,088        3,136             0             3,584
    blocks.*.a.wo    linear         2       8,192      8,192   57,344    114,688      114,688            0        32,768                 0
    blocks.*.f_norm  rms_norm       2         128        128        0          0            0        3,612           512                56
    blocks.*.f.gate  linear         2      22,016     22,016  154,112    308,224      308,224            0        88,064                 0
    blocks.*.f.up    linear         2      22,016     22,016  154,112    308,224      308,224            0        88,064                 0
    blocks.*.f       ffn            2           0          0        0          0            0        7,224             0             9,632
    blocks.*.f.down  linear         2      22,016     22,016  154,112    308,224      308,224            0        88,064                 0
    rms_norm         rms_norm       1          64         64        0          0            0        1,806           256                28
    unembed          unembed        1           0          0  229,376    458,752      458,752            0             0            14,336
    --------------------------------------------------------------------------------------------------------------------------------------
    total                                 123,712    123,712  870,912  1,741,824    1,752,576       21,182       494,848            43,820

    parameters in embeddings       32,768
    parameters without embeddings  90,944
    activated without embeddings   90,944
    FLOPs per token                248,832
    peak activation bytes          19,712
    "
  `);
});

test('the count is what the reference does, operation by operation', () => {
  const graph = llamaGraph({
    vocab: 11,
    context: 64,
    layers: 2,
    d: 8,
    heads: 4,
    kvHeads: 2,
    hidden: 6,
    window: 3,
  });
  const [b, t] = [2, 7];
  const weights: Record<string, Float64Array> = {};
  for (const { name, shape, repeats } of graph.weights) {
    const elements = new Float64Array(shape.reduce((product, size) => product * size, 1)).fill(0.1);
    for (let turn = 0; turn < (repeats[0] ?? 1); turn++)
      weights[name.replace('{0}', String(turn))] = elements;
  }
  const tokens = Array.from({ length: b * t }, (_, i) => i % 11);
  for (const candidate of [graph, runPasses(graph)]) {
    const { work } = interpret(candidate, { symbols: { b, t }, inputs: { tokens }, weights });
    const counted = countCost(candidate, { b, t }).work;
    expect(counted.macs).toBe(BigInt(work.macs));
    expect(counted.elementwise).toBe(BigInt(work.elementwise));
  }
});

function attendReport(mask: (g: GraphBuilder) => AttendOptions['mask']) {
  const graph = buildGraph('masked', { b: {}, t: {} }, (g) => {
    const x = g.at('mix', 'attention', () => g.input('x', ['b', 2, 't', 4]));
    return { y: g.at('mix', 'attention', () => g.attend(x, x, x, { mask: mask(g)! })) };
  });
  return countCost(graph, { b: 3, t: 6 });
}

test('a mask that is no interval is counted pair by pair', () => {
  // Even distances below the diagonal of 6 x 6: 1 + 1 + 2 + 2 + 3 + 3.
  const report = attendReport((g) => (_b, _h, i, j) => {
    const even = g.binary('eq', g.binary('mod', g.sub(i, j), 2), 0);
    return g.binary('and', g.binary('le', j, i), even);
  });
  expect(report.work.macs).toBe(BigInt(3 * 2 * 12 * 8));
  expect(report.inexact).toEqual([]);
});

test('a mask may differ by head', () => {
  // Head 0 sees itself only, head 1 everything before it as well: 6 + 21 pairs.
  const report = attendReport((g) => (_b, h, i, j) => {
    const near = g.binary('le', g.sub(i, j), g.binary('mul', h, 100));
    return g.binary('and', g.binary('le', j, i), near);
  });
  expect(report.work.macs).toBe(BigInt(3 * 27 * 8));
});

test('a mask that depends on data counts as the full square, and says so', () => {
  const report = attendReport((g) => {
    const documents = g.input('documents', ['b', 't'], 'i32');
    return (b, _h, i, j) => g.binary('eq', g.gather(documents, b, i), g.gather(documents, b, j));
  });
  expect(report.work.macs).toBe(report.work.macsFullSquare);
  expect(report.inexact).toEqual(['mix']);
});

test('counts stay exact past 2^53', () => {
  const { work } = countCost(
    buildGraph('huge', { b: {}, t: {} }, (g) => {
      const x = g.input('x', ['b', 't', 1_000_001]);
      return { y: g.dot('b t d, d h -> b t h', x, g.weight('w', [1_000_001, 1_000_003])) };
    }),
    { b: 1001, t: 1_000_003 },
  );
  expect(work.macs).toBe(1001n * 1_000_003n * 1_000_001n * 1_000_003n);
});
