// Wrong and right examples of the codes BF1xxx: syntax and files.
import type { ExampleTable } from './example.ts';

export const SYNTAX_EXAMPLES = {
  BF1001: {
    wrong: `
layer cube (x: [.., d]) -> [.., d] {
  x ** 3
}
`,
    right: `
layer cube (x: [.., d]) -> [.., d] {
  x ^ 3
}
`,
  },
  BF1002: {
    wrong: `
layer shrink (x: [.., d]) -> [.., d] {
  0.5 * (x - tanh(x)
}
`,
    right: `
layer shrink (x: [.., d]) -> [.., d] {
  0.5 * (x - tanh(x))
}
`,
  },
  BF1003: {
    wrong: `
layer shrink (x: [.., d]) -> [.., d] {
  0.5 * x - tanh(x))
}
`,
    right: `
layer shrink (x: [.., d]) -> [.., d] {
  0.5 * (x - tanh(x))
}
`,
  },
  BF1004: {
    wrong: `
lyer double (x: [.., d]) -> [.., d] { 2 * x }
`,
    right: `
layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
  },
  BF1005: {
    wrong: `
layer double (x: [.., d]) -> [.., d] {
  let y = 2 * x
}
`,
    right: `
layer double (x: [.., d]) -> [.., d] {
  let y = 2 * x
  y
}
`,
  },
  BF1006: {
    wrong: `
layer double (x: [.., d]) -> [.., d] {
  let y: 2 * x
  y
}
`,
    right: `
layer double (x: [.., d]) -> [.., d] {
  let y = 2 * x
  y
}
`,
  },
  BF1007: {
    wrong: `
layer relu (x: [.., d]) -> [.., d] {
  max(x 0)
}
`,
    right: `
layer relu (x: [.., d]) -> [.., d] {
  max(x, 0)
}
`,
  },
  BF1008: {
    wrong: `
edition 2026

layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
    right: `
edition 1

layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
  },
  BF1009: {
    wrong: `
// layer double: to be written
`,
    right: `
layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
  },
  BF1011: {
    wrong: `
layer double (x: [.., d]) -> [.., d] { 2 * gelu(x) }

use std.{gelu}
`,
    right: `
use std.{gelu}

layer double (x: [.., d]) -> [.., d] { 2 * gelu(x) }
`,
  },
  BF1012: {
    wrong: `
use torch.{gelu}

layer double (x: [.., d]) -> [.., d] { 2 * gelu(x) }
`,
    right: `
use std.{gelu}

layer double (x: [.., d]) -> [.., d] { 2 * gelu(x) }
`,
  },
  BF1013: {
    wrong: `
layer times(factor: number) (x: [.., d]) -> [.., d] { factor * x }
`,
    right: `
layer times(factor: float) (x: [.., d]) -> [.., d] { factor * x }
`,
  },
  BF1014: {
    wrong: `
layer total (x: [b, ..]) -> [..] { sum(x, axis: b) }
`,
    right: `
layer total (x: [.., d]) -> [..] { sum(x, axis: d) }
`,
  },
  BF1015: {
    wrong: `
layer double (x: f64[.., d]) -> [.., d] { 2 * x }
`,
    right: `
layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
  },
  BF1016: {
    wrong: `
layer inside (x: [.., d]) -> bool[.., d] { 0 < x < 1 }
`,
    right: `
layer inside (x: [.., d]) -> bool[.., d] { 0 < x and x < 1 }
`,
  },
  BF1020: {
    wrong: `
layer double (x: [.., d]) -> [.., d] { 2 × x }
`,
    right: `
layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
  },
  BF1021: {
    wrong: `
layer turn (x: [b, t, d]) -> [b, d, t] {
  rearrange(
    x,
    "b t d -> b d t
  )
}
`,
    right: `
layer turn (x: [b, t, d]) -> [b, d, t] {
  rearrange(x, "b t d -> b d t")
}
`,
  },
  BF1022: {
    wrong: `
layer grow (x: [.., d]) -> [.., d] { 4x }
`,
    right: `
layer grow (x: [.., d]) -> [.., d] { 4 * x }
`,
  },
  BF1023: {
    wrong: `
layer turn (x: [b, t, d]) -> [b, d, t] {
  rearrange(x, "b t d \\-> b d t")
}
`,
    right: `
layer turn (x: [b, t, d]) -> [b, d, t] {
  rearrange(x, "b t d -> b d t")
}
`,
  },
  BF1030: { none: 'bytes that are no text cannot be shown as one.' },
  BF1031: { none: 'it would be a megabyte long.' },
  BF1032: { none: 'it would be 200,000 tokens long.' },
  BF1033: {
    wrong: `
layer same (x: [.., d]) -> [.., d] {
  ${'('.repeat(70)}x${')'.repeat(70)}
}
`,
    right: `
layer same (x: [.., d]) -> [.., d] {
  (x)
}
`,
  },
  BF1034: {
    wrong: `
layer ${'multiply_by_two_'.repeat(9)} (x: [.., d]) -> [.., d] {
  2 * x
}
`,
    right: `
layer multiply_by_two (x: [.., d]) -> [.., d] {
  2 * x
}
`,
  },
  BF1035: {
    wrong: `
layer third (x: [.., d]) -> [.., d] {
  0.${'3'.repeat(70)} * x
}
`,
    right: `
layer third (x: [.., d]) -> [.., d] {
  x / 3
}
`,
  },
  BF1036: { none: 'it would have more than 100 mistakes.' },
  BF1037: { none: 'it would be an expression of more than 256 operations.' },
} as const satisfies ExampleTable<'BF1'>;
