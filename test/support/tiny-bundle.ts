// A bundle written by hand: y[b, t, d] = table[tokens], then `turns` times y := y * scale[turn] + shift[turn].
// Small enough to compute in plain JavaScript, and it uses repeats with swapped slots, packs with copies, two symbols.
import { createHash } from 'node:crypto';
import type { Manifest, Size } from '../../runtime/manifest.ts';

export interface TinyBundle {
  readonly manifest: Manifest;
  readonly kernels: Map<string, string>;
  readonly weights: Map<string, Float32Array>;
  /** What the model gives for tokens of shape [b, t]. */
  expected(tokens: readonly (readonly number[])[]): number[];
}

export interface TinyOptions {
  readonly vocab?: number;
  readonly width?: number;
  readonly turns?: number;
  readonly maxT?: number;
}

const number = (num: number): Size => [{ num, den: 1, powers: [] }];
const times = (num: number, ...symbols: string[]): Size => [
  { num, den: 1, powers: symbols.map((name) => [name, 1]) },
];

const NUMBERING = `
fn group_number(group: vec3u, groups: vec3u) -> u32 {
  return group.x + groups.x * (group.y + groups.y * group.z);
}`;

const LOOK_UP = `${NUMBERING}
struct Sizes { count: u32, width: u32 }
@group(0) @binding(0) var<storage, read> tokens: array<i32>;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;
@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group_number(group, groups) * 8u + lane;
  if (i >= sizes.count) { return; }
  y[i] = table[u32(tokens[i / sizes.width]) * sizes.width + i % sizes.width];
}
`;

const SCALE_AND_SHIFT = `${NUMBERING}
struct Sizes { count: u32, scale: u32, shift: u32 }
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> pack: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;
@compute @workgroup_size(8)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group_number(group, groups) * 8u + lane;
  if (i >= sizes.count) { return; }
  y[i] = x[i] * pack[sizes.scale] + pack[sizes.shift];
}
`;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

function kernelOf(text: string): Manifest['kernels'][number] {
  return {
    file: `kernels/${hash(text).slice(0, 16)}.wgsl`,
    sha256: hash(text),
    workgroup: [8, 1, 1],
    workgroupBytes: 0,
    bindings: [
      { access: 'read', element: text === LOOK_UP ? 'i32' : 'f32' },
      { access: 'read', element: 'f32' },
      { access: 'write', element: 'f32' },
    ],
  };
}

export function tinyBundle(options: TinyOptions = {}): TinyBundle {
  const { vocab = 11, width = 3, turns = 3, maxT = 1_000_000 } = options;
  const texts = [LOOK_UP, SCALE_AND_SHIFT];
  const kernels = texts.map(kernelOf);
  const count = times(width, 'b', 't');
  const manifest: Manifest = {
    format: 'bform-bundle',
    version: 1,
    model: 'tiny',
    rounded: [],
    symbols: [
      { name: 'b', min: 1 },
      { name: 't', min: 1, max: maxT },
    ],
    inputs: [
      {
        name: 'tokens',
        dtype: 'i32',
        shape: [times(1, 'b'), times(1, 't')],
        range: [0, vocab - 1],
      },
    ],
    outputs: [
      {
        name: 'y',
        kind: 'result',
        dtype: 'f32',
        shape: [times(1, 'b'), times(1, 't'), number(width)],
        slot: 0,
      },
    ],
    slots: [{ bytes: [times(4 * width, 'b', 't')] }, { bytes: [number(16)] }],
    packs: [
      {
        repeats: [],
        elements: vocab * width,
        weights: [
          { name: 'table', shape: [vocab, width], offset: 0, init: { kind: 'normal', std: 1 } },
        ],
      },
      {
        repeats: [turns],
        elements: 65,
        weights: [
          { name: 'blocks.{0}.scale', shape: [], offset: 0, init: { kind: 'ones' } },
          { name: 'blocks.{0}.shift', shape: [1], offset: 64, init: { kind: 'zeros' } },
        ],
      },
    ],
    kernels,
    steps: [
      {
        kind: 'dispatch',
        label: 'table',
        kernel: 0,
        resources: [
          { kind: 'input', input: 0 },
          { kind: 'pack', pack: 0 },
          { kind: 'slot', slot: 0 },
        ],
        params: [count, number(width)],
        grid: [{ count, per: 8 }],
      },
      {
        kind: 'repeat',
        count: turns,
        swap: [0, 1],
        steps: [
          {
            kind: 'dispatch',
            label: 'blocks.{0}',
            kernel: 1,
            resources: [
              { kind: 'slot', slot: 0 },
              { kind: 'pack', pack: 1 },
              { kind: 'slot', slot: 1 },
            ],
            params: [count, number(0), number(64)],
            grid: [{ count, per: 8 }],
          },
        ],
      },
    ],
    files: Object.fromEntries(
      kernels.map(({ file, sha256 }, i) => [
        file,
        { bytes: new TextEncoder().encode(texts[i]).length, sha256 },
      ]),
    ),
  };
  const table = Float32Array.from({ length: vocab * width }, (_, i) => i / 4);
  const scale = (turn: number) => 1 + turn / 2;
  const shift = (turn: number) => turn + 1;
  const weights = new Map([['table', table]]);
  for (let turn = 0; turn < turns; turn++) {
    weights.set(`blocks.${turn}.scale`, Float32Array.of(scale(turn)));
    weights.set(`blocks.${turn}.shift`, Float32Array.of(shift(turn)));
  }
  return {
    manifest,
    kernels: new Map(kernels.map(({ file }, i) => [file, texts[i]!])),
    weights,
    expected: (tokens) =>
      tokens.flat().flatMap((token) =>
        Array.from({ length: width }, (_, column) => {
          let value = table[token * width + column]!;
          for (let turn = 0; turn < turns; turn++)
            value = Math.fround(value * scale(turn) + shift(turn));
          return value;
        }),
      ),
  };
}
