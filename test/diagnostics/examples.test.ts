// The examples of `bform explain`: a wrong one has its diagnostic and no other, a right one has none.
import { describe, expect, it } from 'vitest';
import {
  CODE_GROUPS,
  CODES,
  type Code,
  codesOf,
  isCode,
} from '../../compiler/diagnostics/codes.ts';
import { EXAMPLES } from '../../compiler/diagnostics/examples/examples.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { explain } from '../../compiler/explain.ts';
import { format } from '../../grammar/format/format.ts';
import { sources } from '../support/sources.ts';

/** What cannot be read as an example: too large, or no text. A new code is to have one. */
const WITHOUT: readonly Code[] = [
  'BF1030',
  'BF1031',
  'BF1032',
  'BF1036',
  'BF1037',
  'BF2005',
  'BF2043',
];

const codes = Object.keys(CODES).filter(isCode).sort();
const std = sources({});

describe.each(codes.filter((code) => !WITHOUT.includes(code)))('the example of %s', (code) => {
  const { example } = explain(code, std);

  it('is wrong in this way and in no other', () => {
    expect(example!.wrong.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
  });

  it('is put right', () => {
    expect(renderDiagnostics(example!.right.diagnostics, { color: false })).toBe('');
    expect(example!.right.text).not.toBe(example!.wrong.text);
  });

  it('is in the standard layout, but for what cannot be parsed', () => {
    const { wrong, right, beside } = example!;
    for (const file of [right, ...beside]) expect(format(file, () => {})).toBe(file.text);
    expect([undefined, wrong.text]).toContain(format(wrong, () => {}));
  });
});

describe('the table of examples', () => {
  it('says why where there is none', () => {
    expect(codes.filter((code) => 'none' in EXAMPLES[code])).toEqual(WITHOUT);
    for (const code of WITHOUT) {
      const { example, noExample } = explain(code, std);
      expect(example).toBeUndefined();
      expect(noExample).toMatch(/^[a-z].{20,}\.$/);
    }
  });

  it('is of the codes that are, in groups that hold them all', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(codes);
    expect(CODE_GROUPS.flatMap(codesOf).sort()).toEqual(codes);
  });
});
