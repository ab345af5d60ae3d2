// Wrong and right examples of the codes BF3xxx and BF4xxx: shapes, element types, limits of devices.
import type { ExampleTable } from './example.ts';

export const SHAPE_EXAMPLES = {
  BF3001: {
    wrong: `
layer widen(hidden: dim) (x: [.., d]) -> [.., d] {
  weight w: [d, hidden] = normal(std: 0.02)
  x + x @ w
}
`,
    right: `
layer widen(hidden: dim) (x: [.., d]) -> [.., d] {
  weight w: [d, hidden] = normal(std: 0.02)
  weight back: [hidden, d] = normal(std: 0.02)
  x + x @ w @ back
}
`,
  },
  BF3002: {
    wrong: `
layer pool (x: [b, t, d]) -> [b, d] { mean(x, axis: time) }
`,
    right: `
layer pool (x: [b, t, d]) -> [b, d] { mean(x, axis: t) }
`,
  },
  BF3003: {
    wrong: `
layer map(out: dim) (x: [.., d]) -> [.., out] {
  weight w: [out, d] = normal(std: 0.02)
  x @ w
}
`,
    right: `
layer map(out: dim) (x: [.., d]) -> [.., out] {
  weight w: [d, out] = normal(std: 0.02)
  x @ w
}
`,
  },
  BF3004: {
    wrong: `
layer pool (x: [b, t, d]) -> [b, d] { mean(x, axis: t) }

model m (x: [b, 16]) -> y { pool }
`,
    right: `
layer pool (x: [b, t, d]) -> [b, d] { mean(x, axis: t) }

model m (x: [b, t, 16]) -> y { pool }
`,
  },
  BF3005: {
    wrong: `
layer ramp (x: [b, t]) -> [b, t] { x + iota(t) }
`,
    right: `
layer ramp (x: [b, t]) -> [b, t] { x + f32(iota(t)) }
`,
  },
  BF3006: {
    wrong: `
layer pool (x: [b, t, d]) -> [b, t] { mean(x, axis: t) }
`,
    right: `
layer pool (x: [b, t, d]) -> [b, d] { mean(x, axis: t) }
`,
  },
  BF3007: {
    wrong: `
layer split (x: [b, t, d]) -> [b, 3, t, 5] {
  rearrange(x, "b t (h k) -> b h t k", h: 3, k: 5)
}

model m (x: [b, t, 16]) -> y { split }
`,
    right: `
layer split (x: [b, t, d]) -> [b, 4, t, d / 4] {
  rearrange(x, "b t (h k) -> b h t k", h: 4)
}

model m (x: [b, t, 16]) -> y { split }
`,
  },
  BF3008: {
    wrong: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(32) * 2 }
`,
    right: `
use std.{linear}

model m (x: [b, t, 16]) -> y { linear(32) -> linear(32) * 2 }
`,
  },
  BF3009: {
    wrong: `
layer last (x: [b, t, d]) -> [b, t, 8] {
  slice(x, axis: d, start: 10, size: 8)
}

model m (x: [b, t, 16]) -> y { last }
`,
    right: `
layer last (x: [b, t, d]) -> [b, t, 8] {
  slice(x, axis: d, start: d - 8, size: 8)
}

model m (x: [b, t, 16]) -> y { last }
`,
  },
  BF3010: {
    wrong: `
layer both (x: [t, d], y: [d, t]) -> [t, d] { x + y }
`,
    right: `
layer both (x: [t, d], y: [d, t]) -> [t, d] { x + rearrange(y, "d t -> t d") }
`,
  },
  BF3011: {
    wrong: `
layer shifted (x: [b, t, d]) -> [b, t, d] {
  weight offset: [t, d] = zeros
  x + offset
}

model m (x: [b, t, 16]) -> y { shifted }
`,
    right: `
layer shifted(most: dim) (x: [b, t, d]) -> [b, t, d] {
  weight offset: [most, d] = zeros
  x + offset[iota(t)]
}

model m (x: [b, t, 16]) -> y { shifted(64) }
`,
  },
  BF3012: {
    wrong: `
use std.{attention}

layer nearness(reach: int) (s: [], b: i32[], h: i32[], i: i32[], j: i32[]) -> [] {
  weight table: [reach] = zeros
  s + sum(table, axis: reach)
}

model m (x: [b, t, 32]) -> y { attention(heads: 4, score: nearness(8)) }
`,
    right: `
use std.{attention}

layer nearness(reach: int) (s: [], b: i32[], h: i32[], i: i32[], j: i32[]) -> [] {
  weight table: [reach] = zeros
  s + table[min(abs(i - j), reach - 1)]
}

model m (x: [b, t, 32]) -> y { attention(heads: 4, score: nearness(8)) }
`,
  },
} as const satisfies ExampleTable<'BF3'>;

export const DEVICE_EXAMPLES = {
  BF4001: {
    compiled: true,
    wrong: `
use std.{linear}

model m (x: [b, t, 4096]) -> y { linear(16_384) }
`,
    right: `
use std.{linear}

model m (x: [b, t, 4096]) -> y { linear(4096) }
`,
  },
  BF4002: {
    compiled: true,
    wrong: `
layer pairs (x: [b, t, d]) -> [b, t, d, d] { einsum("b t d, b t e -> b t d e", x, x) }

model m (x: [b, t, 8192]) -> y { pairs }
`,
    right: `
layer pairs (x: [b, t, d]) -> [b, t, d, d] { einsum("b t d, b t e -> b t d e", x, x) }

model m (x: [b, t, 64]) -> y { pairs }
`,
  },
} as const satisfies ExampleTable<'BF40'>;
