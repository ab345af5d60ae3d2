// The table of limits in docs/language.md says what the compiler holds programs to.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIMITS as MODEL } from '../../compiler/model/limits.ts';
import { LOAD_LIMITS as LOAD } from '../../compiler/modules.ts';
import { LIMITS as TEXT } from '../../grammar/limits.ts';

const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const n = (value: number): string => value.toLocaleString('en-US');
const MIB = 2 ** 20;

it.each([
  ['a source file', `${TEXT.fileBytes / MIB} MiB, ${n(TEXT.tokens)} tokens`],
  ['a name, a number', `${TEXT.name} characters, ${TEXT.number} characters`],
  ['brackets in brackets', n(TEXT.nesting)],
  ['an expression', `${TEXT.depth} deep`],
  [
    'the files of a program',
    `${LOAD.files} files, ${LOAD.depth} deep, ${LOAD.characters / MIB} MiB`,
  ],
  ['turns of one repeat', n(MODEL.repeat)],
  [
    'a model, all repeats written out',
    `${n(MODEL.layers)} layers, ${n(MODEL.operations)} operations`,
  ],
  [
    'layers inside of layers, with the expressions they stand in',
    `${MODEL.layerDepth}, ${MODEL.expressionDepth}`,
  ],
  ['axes of a tensor', n(MODEL.rank)],
  ['a size', `2^${Math.log2(MODEL.dimension + 1)} - 1`],
  ['trained numbers', `2^${MODEL.parameters.toString(2).length - 1}`],
  ['taps of a `depthwise_conv`', n(MODEL.taps)],
  ['diagnostics', `${TEXT.diagnostics}, then the compiler stops`],
])('%s: %s', (what, value) => {
  expect(page).toContain(`| ${what} | ${value} |`);
});
