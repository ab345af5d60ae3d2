// What test/cli/commands.test.ts runs: for each command a line that works and the three likeliest mistakes.
// Paths are those of the files that the test makes (`FILES`), relative to its folder.

/** Part of a good result, as text and as JSON. */
export interface CommandCase {
  readonly works: readonly string[];
  readonly shows: RegExp;
  /** Keys of the JSON that --json gives, at its top. */
  readonly keys: readonly string[];
  /** Each with its exit code. */
  readonly mistakes: readonly [
    readonly [number, readonly string[]],
    readonly [number, readonly string[]],
    readonly [number, readonly string[]],
  ];
  readonly input?: string;
}

/** A language model over bytes, as small as one can be. */
const TINY = `use std.{attention, embed, pre_norm, rms_norm, unembed}

block brew(d: dim) {
  let a = attention(heads: 2)
  pre_norm(rms_norm): a
}

model tiny {
  vocab: 256
  context: 64
  let blocks = brew(16)
  embed(16) -> blocks -> unembed(tied: true)
}
`;

export const FILES: Readonly<Record<string, string>> = {
  'tiny.bform': TINY,
  'deep.bform': TINY.replace('-> blocks ->', '-> blocks * 3 ->'),
  'wrong.bform': TINY.replace('attention(heads: 2)', 'attention(heads: 3)'),
  'broken.bform': 'layer f (x: [.., d]) -> [.., d] {\n  x + (\n',
  'wide.bform': 'layer  f  (x: [..,d]) -> [..,d] {x}\n',
  'text.txt': 'a text of some words',
  'empty.txt': '',
  'in.json': '{"tokens": [[1, 2, 3]]}',
  'bad.json': '{"tokens": ',
  'odd.json': '{"token": [[1, 2, 3]]}',
  'full/notes.txt': 'mine',
  'no-config/model.safetensors': '',
};

export const CASES: Readonly<Record<string, CommandCase>> = {
  init: {
    works: ['init', 'NEW'],
    shows: /NEW\/model\.bform\n.*Next:/s,
    keys: ['folder', 'files'],
    mistakes: [
      [1, ['init', 'there']],
      [1, ['init', 'text.txt']],
      [2, ['init', 'a', 'project']],
    ],
  },
  check: {
    works: ['check', 'tiny.bform'],
    shows: /^tiny\.bform: no errors\n$/,
    keys: ['diagnostics'],
    mistakes: [
      [1, ['check', 'wrong.bform']],
      [1, ['check', 'tiny.bfrom']],
      [2, ['check', 'tiny.bform', '--fromat', 'json']],
    ],
  },
  fmt: {
    works: ['fmt', '--check', 'tiny.bform'],
    shows: /^$/,
    keys: ['files'],
    mistakes: [
      [1, ['fmt', '--check', 'wide.bform']],
      [1, ['fmt', 'broken.bform']],
      [1, ['fmt', 'nowhere']],
    ],
  },
  explain: {
    works: ['explain', 'BF2025'],
    shows: /^BF2025: constraint not met\n/,
    keys: ['code', 'title', 'explanation', 'example'],
    mistakes: [
      [2, ['explain', 'BF2O25']],
      [2, ['explain', '2025']],
      [2, ['explain', 'BF2025', 'BF2011']],
    ],
  },
  docs: {
    works: ['docs', 'std.activations'],
    shows: /^# std\.activations\n.*```text\n/s,
    keys: ['modules'],
    mistakes: [
      [2, ['docs', 'tiny.bform', 'deep.bform']],
      [1, ['docs', 'std.atention']],
      [1, ['docs', 'broken.bform']],
    ],
  },
  report: {
    works: ['report', 'tiny.bform', '--seq', '8'],
    shows: /tiny.*FLOPs.*blocks/s,
    keys: [],
    mistakes: [
      [2, ['report', 'tiny.bform', '--seq', '65']],
      [1, ['report', 'tiny.bform:tinny']],
      [2, ['report', 'tiny.bform', '--bacth', '2']],
    ],
  },
  diff: {
    works: ['diff', 'tiny.bform', 'deep.bform'],
    shows: /blocks/,
    keys: [],
    mistakes: [
      [2, ['diff', 'tiny.bform']],
      [1, ['diff', 'tiny.bform', 'wrong.bform']],
      [1, ['diff', 'tiny.bform', 'nowhere.bform']],
    ],
  },
  print: {
    works: ['print', '--stage', 'model', 'tiny.bform'],
    shows: /^hash [0-9a-f]{64}\nmodel tiny/,
    keys: ['stage', 'hash', 'text'],
    mistakes: [
      [2, ['print', 'tiny.bform']],
      [2, ['print', '--stage', 'kernels', 'tiny.bform']],
      [1, ['print', '--stage', 'graph', 'wrong.bform']],
    ],
  },
  compile: {
    works: ['compile', 'tiny.bform', '-o', 'NEW', '--seed', '1'],
    shows: /^NEW: \d+ files, \d+ kernels\n$/m,
    keys: ['folder', 'files', 'kernels'],
    mistakes: [
      [2, ['compile', 'tiny.bform']],
      [1, ['compile', 'tiny.bform', '-o', 'full']],
      [1, ['compile', 'tiny.bform', '-o', 'none', '--weights', 'nowhere.safetensors']],
    ],
  },
  import: {
    works: ['import', 'checkpoint', '-o', 'NEW'],
    shows: /^NEW: model\.bform and its bundle, \d+ weights\n$/m,
    keys: ['folder', 'files', 'weights'],
    mistakes: [
      [2, ['import', 'checkpoint']],
      [1, ['import', 'no-config', '-o', 'none']],
      [1, ['import', 'nowhere', '-o', 'none']],
    ],
  },
  export: {
    works: ['export', 'onnx', 'bundle', '-o', 'NEW'],
    shows: /^NEW\n$/m,
    keys: ['files'],
    mistakes: [
      [2, ['export', 'tiny.bform', '-o', 'none.onnx']],
      [2, ['export', 'onnx', 'bundle']],
      [1, ['export', 'onnx', 'nowhere.bform', '-o', 'none.onnx']],
    ],
  },
  run: {
    works: ['run', 'bundle', '--input', 'in.json'],
    shows: /^\{"logits":\[\[\[-?\d/m,
    keys: ['logits'],
    mistakes: [
      [2, ['run', 'bundle']],
      [1, ['run', 'bundle', '--input', 'bad.json']],
      [1, ['run', 'bundle', '--input', 'odd.json']],
    ],
  },
  generate: {
    works: ['generate', 'bundle', '--prompt', 'hello', '--tokens', '3'],
    shows: /^hello/m,
    keys: ['prompt', 'tokens', 'text'],
    mistakes: [
      [2, ['generate', 'bundle']],
      [2, ['generate', 'bundle', '--prompt', 'x', '--temperature', 'hot']],
      [1, ['generate', 'tiny', '--prompt', 'x']],
    ],
  },
  eval: {
    works: ['eval', 'bundle', '--text', 'text.txt'],
    shows: /^tokens +19\nnll +\d.*\nperplexity +\d/m,
    keys: ['tokens', 'nll', 'perplexity'],
    mistakes: [
      [2, ['eval', 'bundle']],
      [1, ['eval', 'bundle', '--text', 'empty.txt']],
      [1, ['eval', 'bundle', '--text', 'nowhere.txt']],
    ],
  },
  verify: {
    works: ['verify', 'bundle', '--seq', '4'],
    shows: /^blocks\.\*?0?.*\noutput logits +\S+e-\d/ms,
    keys: ['sizes', 'tolerance', 'layers', 'outputs'],
    mistakes: [
      [1, ['verify', 'tiny.bform']],
      [2, ['verify', 'bundle', '--seq', '65']],
      [2, ['verify', 'bundle', '--tolerance', 'low']],
    ],
  },
  probe: {
    works: ['probe', '--list'],
    shows: /^device .*\n.*data sheet/s,
    keys: [],
    mistakes: [
      [2, ['probe', '--list', '-o', 'none.json']],
      [2, ['probe', '--repeats', '0']],
      [2, ['probe', 'this']],
    ],
  },
  profile: {
    works: ['profile', 'bundle', '--seq', '4', '--repeats', '1'],
    shows: /^kernel .*blocks/ms,
    keys: [],
    mistakes: [
      [1, ['profile', 'nowhere']],
      [1, ['profile', 'wrong.bform']],
      [2, ['profile', 'bundle', '--device', 'RTX 9999']],
    ],
  },
  doctor: {
    works: ['doctor'],
    shows: /^Node .*An adapter works/ms,
    keys: ['node', 'adapters', 'problems', 'ok'],
    mistakes: [
      [2, ['doctor', 'bundle']],
      [2, ['doctor', '--jsn']],
      [2, ['doctor', '--fix']],
    ],
  },
};
