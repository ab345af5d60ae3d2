// The little language of `einsum` and `rearrange`: "b t (h k) -> b h t k", operands separated by commas. `..` stands for
// any leading axes. Parses; knows no sizes.
import type { Env } from '../context.ts';
import { mistake } from '../mistake.ts';
import type { Given } from './function.ts';

/** The names that make up one axis; most often one. */
export type Group = readonly string[];

export interface Side {
  /** True if it begins with `..`. */
  readonly rest: boolean;
  readonly groups: readonly Group[];
}

export interface Pattern {
  readonly inputs: readonly Side[];
  readonly output: Side;
}

const TOKEN = /\s*(?:(\.{2,3})|([A-Za-z_]\w*)|([()]))/y;

/** The pattern that an argument says; reported and `undefined` if it is malformed. */
export function parsePattern(env: Env, given: Given, example: string): Pattern | undefined {
  const no = (problem: string): undefined => {
    mistake(env, 'BF2035', problem, given.span, { hint: `a pattern is written like ${example}` });
    return undefined;
  };
  if (given.value.kind !== 'string') return no('the pattern must be a text in quotes');
  const halves = given.value.value.split('->');
  if (halves.length !== 2) return no('the pattern needs one `->`');
  const inputs: Side[] = [];
  for (const text of halves[0]!.split(',')) {
    const side = parseSide(text);
    if (typeof side === 'string') return no(side);
    inputs.push(side);
  }
  const output = parseSide(halves[1]!);
  return typeof output === 'string' ? no(output) : { inputs, output };
}

/** One operand's axes, or what is wrong with the text. */
function parseSide(text: string): Side | string {
  const groups: string[][] = [];
  let rest = false;
  let open: string[] | undefined;
  let at = 0;
  const end = text.trimEnd().length;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) return `the pattern cannot hold \`${text.slice(at).trim().charAt(0)}\``;
    at = TOKEN.lastIndex;
    const [, dots, name, bracket] = match;
    if (dots) {
      if (rest || open || groups.length > 0) return '`..` can only stand first';
      rest = true;
    } else if (name) {
      if (open) open.push(name);
      else groups.push([name]);
    } else if (bracket === '(') {
      if (open) return 'brackets in a pattern do not nest';
      open = [];
    } else {
      if (!open) return 'a `)` without its `(`';
      if (open.length === 0) return 'an empty bracket';
      groups.push(open);
      open = undefined;
    }
  }
  if (open) return 'a `(` without its `)`';
  return { rest, groups };
}
