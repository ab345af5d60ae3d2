import { describe, expect, it } from 'vitest';
import { ManifestError } from '../../runtime/errors.ts';
import { parseManifest } from '../../runtime/load-manifest.ts';
import type { DispatchStep, Manifest, RepeatStep } from '../../runtime/manifest.ts';
import { tinyBundle } from '../support/tiny-bundle.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests break the manifest in ways its type forbids
type Breakable = any;

const textOf = (change: (manifest: Breakable) => void = () => {}): string => {
  const manifest = structuredClone(tinyBundle().manifest);
  change(manifest);
  return JSON.stringify(manifest);
};
const lookUp = (manifest: Manifest) => manifest.steps[0] as DispatchStep;
const repeat = (manifest: Manifest) => manifest.steps[1] as RepeatStep;

describe('a manifest', () => {
  it('is read as it was written', () => {
    expect(parseManifest(textOf())).toEqual(tinyBundle().manifest);
  });

  it('of another version is refused with both versions named', () => {
    const text = textOf((m) => {
      m.version = 7;
    });
    expect(() => parseManifest(text)).toThrow(ManifestError);
    expect(() => parseManifest(text)).toThrow(/version 7, this runtime reads version 1/);
  });

  it.each<[string, string, RegExp]>([
    ['that is no JSON', '{"format":', /not valid JSON/],
    ['with a key twice', textOf().replace('"model":', '"model":"x","model":'), /duplicate key/],
    ['that is a list', '[]', /holds no object/],
    ['of something else', '{"format":"other","version":1}', /does not describe a bform bundle/],
    ['without its inputs', textOf((m) => delete m.inputs), /inputs: /],
    [
      'with an unknown property',
      textOf((m) => {
        m.extra = 1;
      }),
      /extra/,
    ],
    [
      'with a size of an unknown symbol',
      textOf((m) => {
        m.symbols.pop();
      }),
      /symbol t, which is not declared/,
    ],
    [
      'with a kernel that does not exist',
      textOf((m) => {
        lookUp(m).kernel = 9;
      }),
      /table runs kernel 9/,
    ],
    [
      'with too few buffers bound',
      textOf((m) => {
        lookUp(m).resources.pop();
      }),
      /binds 2 buffers, its kernel has 3/,
    ],
    [
      'with a slot that does not exist',
      textOf((m) => {
        lookUp(m).resources[2] = { kind: 'slot', slot: 5 };
      }),
      /slot 5/,
    ],
    [
      'with an input that does not exist',
      textOf((m) => {
        lookUp(m).resources[0] = { kind: 'input', input: 1 };
      }),
      /input 1/,
    ],
    [
      'with a pack that does not exist',
      textOf((m) => {
        lookUp(m).resources[1] = { kind: 'pack', pack: 2 };
      }),
      /pack 2/,
    ],
    [
      'with a pack outside its repeat',
      textOf((m) => {
        lookUp(m).resources[1] = { kind: 'pack', pack: 1 };
      }),
      /outside the repeats/,
    ],
    [
      'with a repeat of another count than its pack',
      textOf((m) => {
        repeat(m).count = 4;
      }),
      /outside the repeats/,
    ],
    [
      'with a swap of nothing',
      textOf((m) => {
        repeat(m).swap = [0, 3];
      }),
      /swaps slot 3/,
    ],
    [
      'with an output in no slot',
      textOf((m) => {
        m.outputs[0].slot = 3;
      }),
      /output y is in slot 3/,
    ],
    [
      'with a word of the turn of a repeat elsewhere',
      textOf((m) => {
        (repeat(m).steps[0] as DispatchStep).params.push([
          { num: 1, den: 1, powers: [['{1}', 1]] },
        ]);
      }),
      /names the turn \{1\} of a repeat that it is not in/,
    ],
    [
      'with overlapping weights',
      textOf((m) => {
        m.packs[1].weights[1].offset = 0;
      }),
      /blocks\.\{0\}\.shift overlaps/,
    ],
    [
      'with a weight past its pack',
      textOf((m) => {
        m.packs[0].elements = 5;
      }),
      /table exceeds pack 0/,
    ],
    [
      'with a weight in no such repeat',
      textOf((m) => {
        m.packs[0].weights[0].name = 'a.{0}';
      }),
      /a repeat it is not in/,
    ],
    [
      'with a kernel missing from its files',
      textOf((m) => {
        m.files = {};
      }),
      /not in the list of files/,
    ],
    [
      'with a file outside the folder',
      textOf((m) => {
        m.files['../x'] = { bytes: 1, sha256: '' };
      }),
      /"\.\.\/x" leaves the bundle/,
    ],
    [
      'with an absolute file',
      textOf((m) => {
        m.files['/etc/passwd'] = { bytes: 1, sha256: '' };
      }),
      /leaves the bundle/,
    ],
    [
      'with a file by backslashes',
      textOf((m) => {
        m.files['a\\..\\b'] = { bytes: 1, sha256: '' };
      }),
      /leaves the bundle/,
    ],
    [
      'with uniforms of two lengths',
      textOf((m) => {
        repeat(m).steps.push({ ...repeat(m).steps[0]!, params: [] } as never);
      }),
      /gives kernel 1 0 parameters/,
    ],
    [
      'that runs for ever',
      textOf((m) => {
        repeat(m).count = 2_000_000;
        m.packs[1].repeats = [2_000_000];
      }),
      /over 1000000/,
    ],
  ])('%s is refused', (_, text, message) => {
    expect(() => parseManifest(text)).toThrow(ManifestError);
    expect(() => parseManifest(text)).toThrow(message);
  });
});
