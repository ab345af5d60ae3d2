// An example of every code, by code. A code without an entry does not compile: give it a wrong and a right text in the file
// of its group, or say why there can be none.
import type { Code } from '../codes.ts';
import { ARGUMENT_EXAMPLES } from './arguments.ts';
import { BUDGET_EXAMPLES } from './budgets.ts';
import type { Example, NoExample } from './example.ts';
import { NAME_EXAMPLES } from './names.ts';
import { DEVICE_EXAMPLES, SHAPE_EXAMPLES } from './shapes.ts';
import { STRUCTURE_EXAMPLES } from './structure.ts';
import { SYNTAX_EXAMPLES } from './syntax.ts';

export const EXAMPLES: Readonly<Record<Code, Example | NoExample>> = {
  ...SYNTAX_EXAMPLES,
  ...NAME_EXAMPLES,
  ...ARGUMENT_EXAMPLES,
  ...STRUCTURE_EXAMPLES,
  ...BUDGET_EXAMPLES,
  ...SHAPE_EXAMPLES,
  ...DEVICE_EXAMPLES,
};
