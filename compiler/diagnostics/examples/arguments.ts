// Wrong and right examples of the codes BF2020 to BF2035: arguments, operands, calls, initialisers, patterns.
import type { ExampleTable } from './example.ts';

export const ARGUMENT_EXAMPLES = {
  BF2020: {
    wrong: `
use std.{ffn}

model m (x: [b, t, 16]) -> y { ffn(hiden: 64) }
`,
    right: `
use std.{ffn}

model m (x: [b, t, 16]) -> y { ffn(hidden: 64) }
`,
  },
  BF2021: {
    wrong: `
use std.{attention}

model m (x: [b, t, 16]) -> y { attention(kv_heads: 2) }
`,
    right: `
use std.{attention}

model m (x: [b, t, 16]) -> y { attention(heads: 4, kv_heads: 2) }
`,
  },
  BF2022: {
    wrong: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(32, out: 64) }
`,
    right: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(64) }
`,
  },
  BF2023: {
    wrong: `
use std.{ffn}

model m (x: [b, t, 16]) -> y { ffn(hidden: 64, act: 3) }
`,
    right: `
use std.{ffn, silu}

model m (x: [b, t, 16]) -> y { ffn(hidden: 64, act: silu) }
`,
  },
  BF2024: {
    wrong: `
use std.{attention, rope}

model m (x: [b, t, 16]) -> y { attention(heads: 4, position: rope(layout: halves)) }
`,
    right: `
use std.{attention, rope}

model m (x: [b, t, 16]) -> y { attention(heads: 4, position: rope(layout: half_split)) }
`,
  },
  BF2025: {
    wrong: `
use std.{attention}

model m (x: [b, t, 24]) -> y { attention(heads: 6, kv_heads: 4) }
`,
    right: `
use std.{attention}

model m (x: [b, t, 24]) -> y { attention(heads: 6, kv_heads: 3) }
`,
  },
  BF2026: {
    wrong: `
use std.{linear}

model m(width: int = 0) (x: [b, t, 16]) -> y { linear(width) }
`,
    right: `
use std.{linear}

model m(width: int = 32) (x: [b, t, 16]) -> y { linear(width) }
`,
  },
  BF2027: {
    wrong: `
use std.{attention}

model m (x: [b, t, 64]) -> y { attention(heads: 6) }
`,
    right: `
use std.{attention}

model m (x: [b, t, 64]) -> y { attention(heads: 8) }
`,
  },
  BF2028: {
    wrong: `
layer damp (x: [b, t, d]) -> [b, t, d] {
  if t > 8 { x / 2 } else { x }
}

model m (x: [b, t, 16]) -> y { damp }
`,
    right: `
layer damp (x: [b, t, d]) -> [b, t, d] {
  where(iota(t) > 8, x / 2, x)
}

model m (x: [b, t, 16]) -> y { damp }
`,
  },
  BF2029: {
    wrong: `
layer maybe(bias: int) (x: [.., d]) -> [.., d] {
  if bias { x + 1 } else { x }
}
`,
    right: `
layer maybe(bias: bool) (x: [.., d]) -> [.., d] {
  if bias { x + 1 } else { x }
}
`,
  },
  BF2030: {
    wrong: `
layer scaled (x: [.., d]) -> [.., d] {
  let factor = 3
  factor(x)
}
`,
    right: `
layer scaled (x: [.., d]) -> [.., d] {
  let factor = 3
  factor * x
}
`,
  },
  BF2031: {
    wrong: `
use std.{attention, ffn, layer_norm}

block two {
  let a = attention(heads: 4)
  let f = ffn(hidden: 64)

  layer_norm: a f
}
`,
    right: `
use std.{attention, ffn, layer_norm, pre_norm}

block two {
  let a = attention(heads: 4)
  let f = ffn(hidden: 64)

  pre_norm(layer_norm): a f
}
`,
  },
  BF2032: {
    wrong: `
layer relu (x: [.., d]) -> [.., d] { max(x) }
`,
    right: `
layer relu (x: [.., d]) -> [.., d] { max(x, 0) }
`,
  },
  BF2033: {
    wrong: `
layer map (x: [.., d]) -> [.., d] {
  weight w: [d, d] = gaussian(std: 0.02)
  x @ w
}
`,
    right: `
layer map (x: [.., d]) -> [.., d] {
  weight w: [d, d] = normal(std: 0.02)
  x @ w
}
`,
  },
  BF2034: {
    wrong: `
use std.{embed}

layer scores (x: [b, t, d]) -> [b, t, vocab] {
  weight table: [vocab, d] = tied("embedding.table")
  einsum("b t d, v d -> b t v", x, table)
}

model m {
  vocab: 256
  embed(32) -> scores
}
`,
    right: `
use std.{embed}

layer scores (x: [b, t, d]) -> [b, t, vocab] {
  weight table: [vocab, d] = tied("embed.table")
  einsum("b t d, v d -> b t v", x, table)
}

model m {
  vocab: 256
  embed(32) -> scores
}
`,
  },
  BF2035: {
    wrong: `
layer map (x: [b, t, d]) -> [b, t, d] {
  weight w: [d, d] = normal(std: 0.02)
  einsum("btd, dm", x, w)
}
`,
    right: `
layer map (x: [b, t, d]) -> [b, t, d] {
  weight w: [d, d] = normal(std: 0.02)
  einsum("b t d, d m -> b t m", x, w)
}
`,
  },
} as const satisfies Partial<ExampleTable<'BF202' | 'BF203'>>;
