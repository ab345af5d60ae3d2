// Mistakes that a new user makes, with what the compiler answers: test/golden/mistakes holds source and answer, to be read.
import { describe, expect, it } from 'vitest';
import { rendered } from './diagnose.ts';

const cases: Record<string, { code: string; files?: Record<string, string> }> = {
  'misspelt-layer': {
    code: `use std.{attention, ffn, layer_norm, pre_norm}

block mine {
  let a = atention(heads: 4)
  let f = ffn(hiden: 64)
  pre_norm(layer_norm): a f
}
model m (x: [b, t, 12]) -> y { mine * 2 }
`,
  },
  'not-imported': {
    code: `model m (x: [b, t, 12]) -> y { rms_norm }
`,
  },
  'wrong-argument-type': {
    code: `use std.{attention, ffn, gelu}

model m (x: [b, t, 12]) -> y {
  ffn(hidden: gelu) -> ffn(act: 3) -> attention(heads: 2.5) -> attention(heads: true)
}
`,
  },
  'heads-do-not-divide': {
    code: `use std.{attention}

model m (x: [b, t, 64]) -> y { attention(heads: 6) }
`,
  },
  'constraint-not-met': {
    code: `use std.{attention}

model m (x: [b, t, 12]) -> y { attention(heads: 6, kv_heads: 4) }
`,
  },
  'shapes-in-a-layer-of-ones-own': {
    code: `/// Adds a map of x to x, and forgets to map it back.
layer mixer(hidden: dim = 2 * d) (x: [.., d]) -> [.., d] {
  weight w: [d, hidden] = normal(std: 0.02)
  x + x @ w
}
model m (x: [b, t, 12]) -> y { mixer }
`,
  },
  'shapes-in-an-unused-layer': {
    code: `layer used (x: [..]) -> [..] { x }
layer unused(hidden: dim) (x: [.., d]) -> [.., d] {
  weight w: [d, hidden] = normal(std: 0.02)
  x @ w
}
model m (x: [b, t, 12]) -> y { used }
`,
  },
  'unknown-file': {
    code: `use "./mixer.bform".{mixer}
use std.{rms_nrm}

model m (x: [b, t, 12]) -> y { mixer -> rms_nrm }
`,
  },
  'name-not-in-file': {
    code: `use "./mixers.bform".{mixr, relu}

model m (x: [b, t, 12]) -> y { mixr -> relu }
`,
    files: {
      'mixers.bform': `use std.{relu}
layer mixer (x: [..]) -> [..] { relu(x) }
`,
    },
  },
  'import-cycle': {
    code: `use "./one.bform".{one}

model m (x: [b, t, 12]) -> y { one }
`,
    files: {
      'one.bform': `use "./two.bform".{two}
layer one (x: [..]) -> [..] { two(x) }
`,
      'two.bform': `use "./one.bform".{one}
layer two (x: [..]) -> [..] { one(x) }
`,
    },
  },
  'layers-in-a-cycle': {
    code: `layer one (x: [..]) -> [..] { two(x) }
layer two (x: [..]) -> [..] { three(one)(x) }
layer three(inner: layer) (x: [..]) -> [..] { inner(x) }
model m (x: [b, t, 12]) -> y { two }
`,
  },
  'repeat-of-a-billion': {
    code: `use std.{relu}

model m (x: [b, t, 12]) -> y { relu * 1_000_000_000 }
`,
  },
  'doubling-layers': {
    code: `${Array.from({ length: 30 }, (_, i) => `layer l${i + 1} (x: [..]) -> [..] { l${i}(l${i}(x)) }`).join('\n')}
layer l0 (x: [..]) -> [..] { x }
model m (x: [b, t, 12]) -> y { l30 }
`,
  },
  'empty-file': { code: '' },
  'binary-file': { code: '\u0000\u0001\u007fELF\ufffd\ufffd\u0003' },
};

describe('a mistake', () => {
  it.each(Object.entries(cases))('%s', async (name, { code, files }) => {
    await expect(rendered(code, files)).toMatchFileSnapshot(`../golden/mistakes/${name}.txt`);
  });
});
