// Wrong and right examples of the codes BF2036 to BF2060: masks, experts, cycles, budgets, rows, choices.
import type { ExampleTable } from './example.ts';

export const STRUCTURE_EXAMPLES = {
  BF2036: {
    wrong: `
use std.{attention}

layer near (b: i32[], h: i32[], i: i32[], j: i32[]) -> bool[] {
  measure distance = i - j
  j <= i and distance < 16
}

model m (x: [b, t, 32]) -> y { attention(heads: 4, mask: near) }
`,
    right: `
use std.{attention}

layer near (b: i32[], h: i32[], i: i32[], j: i32[]) -> bool[] {
  let distance = i - j
  j <= i and distance < 16
}

model m (x: [b, t, 32]) -> y { attention(heads: 4, mask: near) }
`,
  },
  BF2037: {
    wrong: `
use std.{ffn, top_k}

model m (x: [b, t, 32]) -> y { ffn(hidden: 64) -> top_k(2) }
`,
    right: `
use std.{ffn, moe, top_k}

model m (x: [b, t, 32]) -> y { moe(ffn(hidden: 64), experts: 8, route: top_k(2)) }
`,
  },
  BF2038: {
    wrong: `
use std.{attention, moe}

model m (x: [b, t, 32]) -> y { moe(attention(heads: 4), experts: 8) }
`,
    right: `
use std.{ffn, moe}

model m (x: [b, t, 32]) -> y { moe(ffn(hidden: 64), experts: 8) }
`,
  },
  BF2040: {
    wrong: `
use std.{layer_norm, pre_norm}

block deep { pre_norm(layer_norm): deep deep }
`,
    right: `
use std.{ffn, layer_norm, pre_norm}

block deep { pre_norm(layer_norm): ffn * 2 }
`,
  },
  BF2041: {
    wrong: `
use std.{ffn}

model m (x: [b, t, 32]) -> y { ffn * 2000 }
`,
    right: `
use std.{ffn}

model m (x: [b, t, 32]) -> y { ffn * 1000 }
`,
  },
  BF2042: {
    wrong: `
use std.{ffn, layer_norm, pre_norm}

block many { pre_norm(layer_norm): ffn * 100 }
model m (x: [b, t, 32]) -> y { many * 1000 }
`,
    right: `
use std.{ffn, layer_norm, pre_norm}

block many { pre_norm(layer_norm): ffn * 10 }
model m (x: [b, t, 32]) -> y { many * 10 }
`,
  },
  BF2043: { none: 'it would be more than 64 layers, one inside of the other.' },
  BF2044: {
    wrong: `
use std.{ffn}

model m (x: [b, t, 2_000_000]) -> y { ffn(hidden: 8_000_000) }
`,
    right: `
use std.{ffn}

model m (x: [b, t, 2_000]) -> y { ffn(hidden: 8_000) }
`,
  },
  BF2045: {
    wrong: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(3_000_000_000) }
`,
    right: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(3_000) }
`,
  },
  BF2050: {
    wrong: `
use std.{ffn, layer_norm, pre_norm}

block some(n: int) { pre_norm(layer_norm): ffn * n }
model m (x: [b, t, 32]) -> y { some(0) }
`,
    right: `
use std.{ffn, layer_norm, pre_norm}

block some(n: int) { pre_norm(layer_norm): ffn ffn * n }
model m (x: [b, t, 32]) -> y { some(0) }
`,
  },
  BF2051: {
    wrong: `
use std.{attention, ffn, layer_norm, pre_norm}

block two {
  let a = attention(heads: 4)
  let f = ffn(hidden: 64)

  pre_norm(layer_norm): a a
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
  BF2052: {
    wrong: `
use std.{ffn, layer_norm, pre_norm}

block two {
  let first = ffn(hidden: 64)
  let second = ffn(hidden: 64)

  pre_norm(layer_norm): first second
}
`,
    right: `
use std.{ffn, layer_norm, pre_norm}

block two {
  let f = ffn(hidden: 64)

  pre_norm(layer_norm): f f
}
`,
  },
  BF2053: {
    wrong: `
use std.{attention, ffn, layer_norm, parallel}

block both {
  let a = attention(heads: 4)
  let f = ffn(hidden: 64)

  parallel(layer_norm): a f f
}
`,
    right: `
use std.{attention, ffn, layer_norm, parallel}

block both {
  let a = attention(heads: 4)
  let f = ffn(hidden: 128)

  parallel(layer_norm): a f
}
`,
  },
  BF2060: {
    wrong: `
use std.{attention, expert_choice, ffn, layer_norm, moe, pre_norm}

block two {
  let a = attention(heads: 4)
  let g = moe(ffn(hidden: 64), experts: 8, route: expert_choice(2))

  pre_norm(layer_norm): a g
}

model m (x: [b, t, 32]) -> y { two }
`,
    right: `
use std.{attention, expert_choice, ffn, layer_norm, moe, pre_norm}

block two {
  let a = attention(heads: 4)
  let g = moe(ffn(hidden: 64), experts: 8, route: expert_choice(2, over: position))

  pre_norm(layer_norm): a g
}

model m (x: [b, t, 32]) -> y { two }
`,
  },
} as const satisfies Partial<ExampleTable<'BF203' | 'BF204' | 'BF205' | 'BF206'>>;
