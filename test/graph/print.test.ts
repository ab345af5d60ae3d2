import { expect, test } from 'vitest';
import { buildGraph } from '../../compiler/graph/builder.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';

test('a graph prints one line a node, with types, regions and origins', () => {
  const graph = buildGraph('tiny', { b: {}, t: { max: 64 } }, (g) => {
    const tokens = g.input('tokens', ['b', 't'], 'i32', [0, 9]);
    const table = g.weight('embed.table', [10, 4], { embedding: true });
    const x = g.at('embed', 'embed', () => g.gather(table, tokens));
    const y = g.repeat(3, x, (x) =>
      g.at('blocks.{0}.a', 'attention', () => {
        const q = g.reshape(x, ['b', 1, 't', 4]);
        const a = g.attend(q, q, q, { scale: 0.5, mask: (_b, _h, i, j) => g.binary('le', j, i) });
        const scale = g.weight('blocks.{0}.a.scale', [4], { init: { kind: 'ones' } });
        return g.mul(g.reshape(a, ['b', 't', 4]), g.like(scale, x));
      }),
    );
    return { logits: g.dot('b t d, v d -> b t v', y, table) };
  });
  verifyGraph(graph);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "graph tiny
    symbol b 1..
    symbol t 1..64
    input tokens: i32[b, t] in 0..9
    weight embed.table: f32[10, 4] = normal(std: 0.02)   # embedding
    weight blocks.{0}.a.scale: f32[4] * 3 = ones
    %0 = input[tokens] : i32[b, t]
    %1 = weight[embed.table] : f32[10, 4]
    %2 = gather(%1, %0) : f32[b, t, 4]   # embed
    %15 = repeat[3](%2) : f32[b, t, 4]
      body(%3: f32[b, t, 4])
        %4 = reshape(%3) : f32[b, 1, t, 4]   # blocks.{0}.a
        %10 = attend[scale 0.5](%4, %4, %4) : f32[b, 1, t, 4]   # blocks.{0}.a
          mask(%5: i32[], %6: i32[], %7: i32[], %8: i32[])
            %9 = le(%8, %7) : bool[]   # blocks.{0}.a
            -> %9
        %11 = weight[blocks.{0}.a.scale] : f32[4]   # blocks.{0}.a
        %12 = reshape(%10) : f32[b, t, 4]   # blocks.{0}.a
        %13 = broadcast[2](%11) : f32[b, t, 4]   # blocks.{0}.a
        %14 = mul(%12, %13) : f32[b, t, 4]   # blocks.{0}.a
        -> %14
    %16 = dot[0 1 2, 3 2 -> 0 1 3](%15, %1) : f32[b, t, 10]
    output logits = %16
    "
  `);
});
