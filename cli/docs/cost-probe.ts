// A layer or block inside of a model made for it, so that it can be counted: its sizes and whole numbers are parameters of that
// model, under their own names; layers that it must be given do nothing; all else has its default. Text only; counts nothing.
//
//   layer _nothing (x: [..]) -> [..] { x }
//   model _cost(d: int = 1, hidden: int = 1) (x: [b, t, d]) -> y { ffn(hidden: hidden) }
import type { Block, Layer, Param, Shape } from '../../compiler/ast/ast.ts';
import { lineOf } from './source-text.ts';

export interface Probe {
  /** To stand below the module's own text. */
  readonly text: string;
  /** The name of the model. */
  readonly model: string;
  /** What is open: sizes of the inputs, then parameters, those that must be given first. */
  readonly open: readonly OpenName[];
  /** What it is applied to: `x: [b, t, d]`. */
  readonly inputs: readonly string[];
  /** Parameters that are layers, of which nothing is counted. */
  readonly without: readonly string[];
}

export interface OpenName {
  readonly name: string;
  readonly kind: 'size' | 'int';
  readonly isRequired: boolean;
}

const MODEL = '_cost_of_it';
const NOTHING = '_layer_of_no_cost';
/** Longer than windows of attention are, and short enough to ask any mask about each pair. */
const LONGEST = 512;
/** Sizes of a run, known to no model. */
const RUN_SIZES = ['b', 't'];
const SETTINGS = ['vocab', 'context'];

/**
 * With the parameters in `closed` at their defaults. `undefined` for what works on single numbers, as masks do: it is counted
 * where it is used.
 */
export function probeOf(item: Layer | Block, closed: ReadonlySet<string>): Probe | undefined {
  const inputs = inputsOf(item);
  if (inputs.every(({ axes }) => axes.length === 0)) return undefined;
  const isNumber = ({ name, type }: Param) =>
    type.kind === 'named' && (type.name === 'dim' || type.name === 'int') && !closed.has(name.text);
  const numbers = item.params.filter(isNumber);
  const named = new Set([...numbers.map(({ name }) => name.text), ...RUN_SIZES]);
  const sizes = [...new Set(inputs.flatMap(({ names }) => names))].filter(
    (name) => !named.has(name),
  );
  const settings = SETTINGS.filter((name) => new RegExp(`\\b${name}\\b`).test(lineOf(item.span)));
  const without = item.params.filter(
    ({ type, default: given }) => !given && type.kind === 'named' && /^layers?$/.test(type.name),
  );
  const free = sizes.filter((name) => !SETTINGS.includes(name));
  const open = [
    ...[...free, ...settings].map((name): OpenName => ({ name, kind: 'size', isRequired: true })),
    ...numbers.map(openParam).sort((a, b) => Number(b.isRequired) - Number(a.isRequired)),
  ];
  const params = open.map(({ name }) => `${paramName(name)}: int = 1`);
  const args = item.params.flatMap((param) => argument(param, numbers.includes(param)));
  const shapes = inputs.map(({ name, dtype, axes }) => `${name}: ${dtype}[${axes.join(', ')}]`);
  return {
    text: [
      '',
      `layer ${NOTHING} (x: [..]) -> [..] { x }`,
      `model ${MODEL}${params.length > 0 ? `(${params.join(', ')})` : ''} (${shapes.join(', ')}) -> y {`,
      ...settings.map((name) => `  ${name}: ${paramName(name)}`),
      ...(settings.includes('context') ? [] : [`  context: ${LONGEST}`]),
      `  ${item.name.text}${args.length > 0 ? `(${args.join(', ')})` : ''}`,
      '}',
      '',
    ].join('\n'),
    model: MODEL,
    open,
    inputs: shapes,
    without: without.map(({ name }) => name.text),
  };
}

/** The name of a parameter of the model: a setting has one of its own, since the model sets it. */
export const paramName = (name: string): string => (SETTINGS.includes(name) ? `_${name}` : name);

const openParam = ({ name, type, default: given }: Param): OpenName => ({
  name: name.text,
  kind: type.kind === 'named' && type.name === 'dim' ? 'size' : 'int',
  isRequired: given === undefined,
});

interface ProbeInput {
  readonly name: string;
  readonly dtype: string;
  readonly axes: readonly string[];
  /** The plain names among the sizes. */
  readonly names: readonly string[];
}

function inputsOf(item: Layer | Block): ProbeInput[] {
  if (item.kind === 'block') return [{ name: 'x', dtype: '', axes: ['b', 't', 'd'], names: ['d'] }];
  return item.inputs.map(({ name, shape }) => ({
    name: name.text,
    dtype: shape.dtype === 'f32' ? '' : shape.dtype,
    ...axesOf(shape),
  }));
}

/** `..` is a batch of sequences; where nothing else is known of the shape, so is the last axis. */
function axesOf({ rest, axes }: Shape): Pick<ProbeInput, 'axes' | 'names'> {
  const sizes = axes.map(({ span }) => lineOf(span));
  const names = axes.flatMap(({ size }) => (size.kind === 'name' ? [size.text] : []));
  if (!rest) return { axes: sizes, names };
  return axes.length === 0
    ? { axes: ['b', 't', 'd'], names: ['d'] }
    : { axes: ['b', 't', ...sizes], names };
}

/** What the probe gives for a parameter: nothing where there is a default. */
function argument({ name, type, default: given }: Param, isNumber: boolean): string[] {
  const giving = (value: string) => [`${name.text}: ${value}`];
  if (isNumber) return giving(name.text);
  if (given) return [];
  if (type.kind === 'enum') return giving(type.members[0]!.text);
  switch (type.name) {
    case 'bool':
      return giving('false');
    case 'float':
      // A factor of one would be left out.
      return giving('1.5');
    case 'layers':
      return giving(`[${NOTHING}]`);
    default:
      return giving(NOTHING);
  }
}
