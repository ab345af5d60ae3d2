// Writes a .bform file as a person would: calls with only the arguments that differ from the defaults, in the standard layout.
// Knows the language's spelling, not its meaning.
import { format } from '../../grammar/format/format.ts';

export type Argument = readonly [name: string, value: string | number | boolean];

/** `name(a, b: 1)`, or the name alone where there are no arguments. */
export function call(
  name: string,
  positional: readonly (string | number)[],
  named: readonly Argument[],
): string {
  const parts = [...positional.map(String), ...named.map(([key, value]) => `${key}: ${value}`)];
  return parts.length === 0 ? name : `${name}(${parts.join(', ')})`;
}

/** A float: always with a point or an exponent, shortest digits that give the same number. */
export function float(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return `${value}.0`;
  return Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

/** A name made of a folder's: lower case, digits and `_`; `imported` where nothing is left. */
export function modelName(folder: string): string {
  const name = folder.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return name.replace(/^[_0-9]+|_+$/g, '') || 'imported';
}

const KEYWORDS =
  'edition use as layer block model where let weight if else true false not and or'.split(' ');

/** A block of two sub-layers, attention and another one, and how often it runs. */
export interface BlockText {
  readonly name: string;
  readonly doc: string;
  readonly attention: string;
  /** Its label in the block's order, and the layer. */
  readonly other: readonly [label: 'f' | 'g', layer: string];
  /** The stage's name, with which the paths of its weights begin. */
  readonly stage: string;
  readonly count: number;
}

export interface DecoderText {
  /** What it is and where it comes from; one line each. */
  readonly comment: readonly string[];
  readonly name: string;
  /** In the order in which they run. */
  readonly blocks: readonly BlockText[];
  /** The norm, without and with what the file needs of it: also the wiring's. */
  readonly norm: string;
  readonly d: number;
  readonly vocab: number;
  readonly context: number;
  /** Stages between the embedding and the blocks. */
  readonly positions: readonly string[];
  readonly unembed: string;
  /** Names of the standard library that the texts above use. */
  readonly uses: readonly string[];
}

/** A decoder of pre-normalised blocks. */
export function decoderText(text: DecoderText): string {
  const stages = [
    `embed(${text.d})`,
    ...text.positions,
    ...text.blocks.map(({ stage, count }) => `${stage} * ${count}`),
    text.norm,
    text.unembed,
  ];
  const uses = [...new Set([...text.uses, 'attention', 'embed', 'pre_norm', 'unembed'])].sort();
  const names = text.blocks.map(({ name }) => name);
  const taken = [...uses, ...KEYWORDS, ...names].includes(text.name);
  return inLayout(`${text.comment.map((line) => `// ${line}`.trimEnd()).join('\n')}
edition 1
use std.{${uses.join(', ')}}

${text.blocks.map((block) => blockText(block, text.norm)).join('\n')}
model ${text.name}${taken ? '_model' : ''} {
  vocab: ${text.vocab}
  context: ${text.context}
${text.blocks.map(({ name, stage }) => `  let ${stage} = ${name}(${text.d})\n`).join('')}
  ${stages.join(' -> ')}
}
`);
}

function inLayout(text: string): string {
  const layout = format({ path: 'model.bform', text }, ({ message }) => {
    throw new Error(`an import made a model with a syntax error: ${message}`);
  });
  return layout!;
}

function blockText({ name, doc, attention, other: [label, layer] }: BlockText, norm: string) {
  return `/// ${doc}
block ${name}(d: dim) {
  let a = ${attention}
  let ${label} = ${layer}

  pre_norm(${norm}): a ${label}
}
`;
}
