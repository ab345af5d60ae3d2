import { expect, test } from 'vitest';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { type AttendOptions, buildGraph, type GraphBuilder } from '../../compiler/graph/builder.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { reportJson } from '../../compiler/report/json.ts';
import { reportTable } from '../../compiler/report/table.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { llamaGraph } from '../support/decoder-graph.ts';
import { bareReport } from '../support/reports.ts';

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
  const report = reportJson(bareReport(withMemory(STORIES, { b: 2, t: 50 })));
  const sum = (
    key:
      | 'params'
      | 'activated'
      | 'macs'
      | 'macsFullSquare'
      | 'flops'
      | 'flopsFullSquare'
      | 'elementwise'
      | 'weightBytes'
      | 'activationBytes'
      | 'bytesMoved'
      | 'cacheBytesPerToken',
  ) => report.rows.reduce((total, row) => total + row[key], 0);
  expect(sum('params')).toBe(report.params.total);
  expect(sum('activated')).toBe(report.params.activated);
  expect(sum('macs')).toBe(report.macs.forward);
  expect(sum('macsFullSquare')).toBe(report.macs.forwardFullSquare);
  expect(sum('flops')).toBe(report.flops.forward);
  expect(sum('elementwise')).toBe(report.flops.elementwise);
  expect(sum('flopsFullSquare')).toBe(report.flops.forwardFullSquare);
  expect(sum('weightBytes')).toBe(report.bytes.weights);
  expect(sum('activationBytes')).toBe(report.bytes.activations);
  expect(sum('bytesMoved')).toBe(report.bytes.moved);
  expect(sum('cacheBytesPerToken')).toBe(report.bytes.cachePerToken);
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
  const text = reportTable(bareReport(withMemory({ ...STORIES, layers: 2 }, { b: 1, t: 7 })));
  expect(text).toMatchInlineSnapshot(`
    "llama: one forward run at b = 1, t = 7
    Counted exactly. 1 MAC (multiply-add of a product or of attention) = 2 FLOPs; look-ups, views and integer arithmetic 0.
    Attention counts the pairs of query and key that its mask keeps; full square: all pairs.
    elementwise: one for each operation on an element of f32; a softmax 5 a pair and 1 a result, a norm as its formula says.
    Rows hold all turns of a repeat. Activated: parameters that a token meets, those of experts by their share of the tokens.
    Moved: each element once in a kernel. Weights and activations are f32.

    path             layer      operation  times  output shape  parameters  activated    MACs   FLOPs    share  quadratic  attention  full square  elementwise
    ----------------------------------------------------------------------------------------------------------------------------------------------------------
    (model)                     binary         1  1 x 7 x 64             -          -       -       -        -          -          -            -         1792
    embed            embed      gather         1  1 x 7 x 64        32.77k     32.77k       -       -        -          -          -            -            -
    blocks.*.a_norm  rms_norm   binary         2  1 x 7 x 64           128        128       -       -        -          -          -            -         3612
    blocks.*.a.wq    linear     dot            2  1 x 7 x 64          8192       8192  57.34k  114.7k    6.6 %          -          -       114.7k            -
    blocks.*.a.wk    linear     dot            2  1 x 7 x 32          4096       4096  28.67k  57.34k    3.3 %          -          -       57.34k            -
    blocks.*.a.wv    linear     dot            2  1 x 7 x 32          4096       4096  28.67k  57.34k    3.3 %          -          -       57.34k            -
    blocks.*.a       attention  attend         2  1 x 7 x 64             -          -    7168  14.34k    0.8 %     12.54k     14.34k       25.09k         3136
    blocks.*.a.wo    linear     dot            2  1 x 7 x 64          8192       8192  57.34k  114.7k    6.6 %          -          -       114.7k            -
    blocks.*.f_norm  rms_norm   binary         2  1 x 7 x 64           128        128       -       -        -          -          -            -         3612
    blocks.*.f.gate  linear     dot            2  1 x 7 x 172       22.02k     22.02k  154.1k  308.2k   17.7 %          -          -       308.2k            -
    blocks.*.f.up    linear     dot            2  1 x 7 x 172       22.02k     22.02k  154.1k  308.2k   17.7 %          -          -       308.2k            -
    blocks.*.f       ffn        unary          2  1 x 7 x 172            -          -       -       -        -          -          -            -         7224
    blocks.*.f.down  linear     dot            2  1 x 7 x 64        22.02k     22.02k  154.1k  308.2k   17.7 %          -          -       308.2k            -
    rms_norm         rms_norm   binary         1  1 x 7 x 64            64         64       -       -        -          -          -            -         1806
    unembed          unembed    dot            1  1 x 7 x 512            -          -  229.4k  458.8k   26.3 %          -          -       458.8k            -
    ----------------------------------------------------------------------------------------------------------------------------------------------------------
    total                                                           123.7k     123.7k  870.9k  1.742M  100.0 %     12.54k     14.34k       1.753M       21.18k

    path             layer        weights  activations  KV cache / token      moved  FLOPs / byte
    ---------------------------------------------------------------------------------------------
    (model)                             -    7.000 KiB                 -  1.246 KiB             -
    embed            embed      128.0 KiB    1.750 KiB                 -  3.527 KiB             -
    blocks.*.a_norm  rms_norm       512 B            -                 -  2.290 KiB             -
    blocks.*.a.wq    linear     32.00 KiB    3.500 KiB                 -  36.35 KiB          3.08
    blocks.*.a.wk    linear     16.00 KiB    1.750 KiB                 -  18.18 KiB          3.08
    blocks.*.a.wv    linear     16.00 KiB    1.750 KiB                 -  18.18 KiB          3.08
    blocks.*.a       attention          -    3.500 KiB             512 B  10.50 KiB          1.33
    blocks.*.a.wo    linear     32.00 KiB            -                 -  41.85 KiB          2.68
    blocks.*.f_norm  rms_norm       512 B            -                 -  2.099 KiB             -
    blocks.*.f.gate  linear     86.00 KiB            -                 -  89.55 KiB          3.36
    blocks.*.f.up    linear     86.00 KiB            -                 -  89.55 KiB          3.36
    blocks.*.f       ffn                -    9.406 KiB                 -  4.198 KiB             -
    blocks.*.f.down  linear     86.00 KiB            -                 -  101.8 KiB          2.96
    rms_norm         rms_norm       256 B            -                 -  1.125 KiB             -
    unembed          unembed            -    14.00 KiB                 -  142.9 KiB          3.14
    ---------------------------------------------------------------------------------------------
    total                       483.3 KiB    42.66 KiB             512 B  563.3 KiB          3.02

    parameters                     123,712 (123.7k)
    activated                      123,712 (123.7k)
    parameters in embeddings       32,768 (32.77k)
    parameters without embeddings  90,944 (90.94k)
    activated without embeddings   90,944 (90.94k)
    FLOPs                          1,741,824 (1.742M)
    FLOPs per token                248,832 (248.8k)
    FLOPs, quadratic               12,544 (12.54k)
    FLOPs, full square             1,752,576 (1.753M)
    elementwise                    21,182 (21.18k)
    weights                        494,848 (483.3 KiB)
    peak activations               19,712 (19.25 KiB)
    KV cache per token             512
    KV cache                       3,584 (3.500 KiB)
    bytes moved                    576,860 (563.3 KiB)
    FLOPs per byte                 3.02
    dispatches                     12
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
