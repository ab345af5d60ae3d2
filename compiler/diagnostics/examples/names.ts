// Wrong and right examples of the codes BF2001 to BF2015: files, names, models and their settings.
import type { ExampleTable } from './example.ts';

/** A file that examples use. */
const MIXERS = `
layer mixer(hidden: dim) (x: [.., d]) -> [.., d] {
  weight w: [d, hidden] = normal(std: 0.02)
  _half(x @ w) @ rearrange(w, "d h -> h d")
}

layer _half (x: [.., d]) -> [.., d] { x / 2 }
`;

export const NAME_EXAMPLES = {
  BF2001: {
    beside: { 'mixers.bform': MIXERS },
    wrong: `
use "./mixer.bform".{mixer}

model m (x: [b, t, 16]) -> y { mixer(32) }
`,
    right: `
use "./mixers.bform".{mixer}

model m (x: [b, t, 16]) -> y { mixer(32) }
`,
  },
  BF2002: {
    beside: { 'mixers.bform': MIXERS },
    wrong: `
use "mixers.bform".{mixer}

model m (x: [b, t, 16]) -> y { mixer(32) }
`,
    right: `
use "./mixers.bform".{mixer}

model m (x: [b, t, 16]) -> y { mixer(32) }
`,
  },
  BF2003: {
    beside: {
      'quarter.bform': `
use "./wrong.bform".{half}

layer quarter (x: [..]) -> [..] { half(half(x)) }
`,
      'half.bform': `
layer half (x: [..]) -> [..] { x / 2 }
`,
    },
    wrong: `
use "./quarter.bform".{quarter}

layer half (x: [..]) -> [..] { x / 2 }
layer eighth (x: [..]) -> [..] { quarter(half(x)) }
`,
    right: `
use "./half.bform".{half}

layer quarter (x: [..]) -> [..] { half(half(x)) }
layer eighth (x: [..]) -> [..] { quarter(half(x)) }
`,
  },
  BF2004: {
    beside: { 'mixers.bform': MIXERS },
    wrong: `
use "./mixers.bform".{mixr}

model m (x: [b, t, 16]) -> y { mixr(32) }
`,
    right: `
use "./mixers.bform".{mixer}

model m (x: [b, t, 16]) -> y { mixer(32) }
`,
  },
  BF2005: { none: 'it would be hundreds of files, or megabytes.' },
  BF2006: {
    beside: { 'mixers.bform': MIXERS },
    wrong: `
use "./mixers.bform".{_half}

model m (x: [b, t, 16]) -> y { _half }
`,
    right: `
layer half (x: [.., d]) -> [.., d] { x / 2 }

model m (x: [b, t, 16]) -> y { half }
`,
  },
  BF2010: {
    wrong: `
layer centre (x: [.., d]) -> [.., d] {
  let y = x - mean(x, axis: d)
  let y = y / 2
  y
}
`,
    right: `
layer centre (x: [.., d]) -> [.., d] {
  let centred = x - mean(x, axis: d)
  let y = centred / 2
  y
}
`,
  },
  BF2011: {
    wrong: `
use std.{linear}

layer narrow (x: [.., d]) -> [.., 8] {
  let down = linear(8)
  down(rms_norm(x))
}
`,
    right: `
use std.{linear, rms_norm}

layer narrow (x: [.., d]) -> [.., 8] {
  let down = linear(8)
  down(rms_norm(x))
}
`,
  },
  BF2012: {
    compiled: true,
    wrong: `
layer double (x: [.., d]) -> [.., d] { 2 * x }
`,
    right: `
layer double (x: [.., d]) -> [.., d] { 2 * x }

model m (x: [b, t, 16]) -> y { double }
`,
  },
  BF2013: {
    compiled: true,
    wrong: `
use std.{linear}

model small (x: [b, t, 16]) -> y { linear(32) }
model large (x: [b, t, 16]) -> y { linear(64) }
`,
    right: `
use std.{linear}

model sized(width: dim = 32) (x: [b, t, 16]) -> y { linear(width) }
`,
  },
  BF2014: {
    wrong: `
use std.{embed, unembed}

model m {
  vocab: 256
  contxt: 64

  embed(32) -> unembed
}
`,
    right: `
use std.{embed, unembed}

model m {
  vocab: 256
  context: 64

  embed(32) -> unembed
}
`,
  },
  BF2015: {
    wrong: `
use std.{embed, learned_positions, unembed}

model m {
  vocab: 256

  embed(32) -> learned_positions -> unembed
}
`,
    right: `
use std.{embed, learned_positions, unembed}

model m {
  vocab: 256
  context: 64

  embed(32) -> learned_positions -> unembed
}
`,
  },
} as const satisfies ExampleTable<'BF200' | 'BF201'>;
