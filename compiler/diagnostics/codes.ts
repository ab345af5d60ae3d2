// Every code a diagnostic can have, with its title and a longer explanation for `bform explain`.
// BF1xxx syntax and files · BF2xxx names, parameters, structure, budget · BF3xxx shapes · BF4xxx device
// limits, what models cost. A code, once published, keeps its meaning; messages may change. Holds no message templates:
// the stage that finds a mistake words it. A wrong and a right example of each stand in examples/.

/** What a code stands for. */
export interface CodeEntry {
  /** A few words, as a heading. */
  readonly title: string;
  /** What the mistake is and how it is usually mended. */
  readonly explanation: string;
}

/** Every code with its title and its meaning. A code keeps its meaning for ever. */
export const CODES = {
  // BF1xxx: syntax and files
  BF1001: {
    title: 'syntax error',
    explanation:
      'The text does not follow the grammar at this place. The message says what was expected; grammar/README.md holds the whole grammar.',
  },
  BF1002: {
    title: 'unclosed bracket',
    explanation: 'A `(`, `[` or `{` has no partner. The second place shown is where it was opened.',
  },
  BF1003: {
    title: 'unmatched closing bracket',
    explanation: 'A `)`, `]` or `}` closes nothing, or closes a bracket of another kind.',
  },
  BF1004: {
    title: 'unknown keyword',
    explanation:
      'At the top of a file only `edition`, `use`, `layer`, `block`, `order` and `model` can stand.',
  },
  BF1005: {
    title: 'missing part',
    explanation:
      'A declaration lacks something it cannot do without: the result of a body, the rows of a block, the pipeline of a model.',
  },
  BF1006: {
    title: 'wrong sign',
    explanation:
      'Another sign is written here: `:` joins a name with its type or its argument, `=` gives a value to a `let`, a weight or a default, `->` leads to a result.',
  },
  BF1007: {
    title: 'missing comma',
    explanation: 'The elements of a list in brackets are separated by commas.',
  },
  BF1008: {
    title: 'unknown edition',
    explanation:
      'The file asks for an edition of the language that this compiler does not know. Leave the line out, or update the compiler.',
  },
  BF1009: {
    title: 'empty file',
    explanation: 'The file declares nothing. A file holds layers, blocks, orders and models.',
  },
  BF1011: {
    title: 'wrong order',
    explanation:
      'The parts of a file stand in this order: `edition`, the `use` lines, the declarations. In a body, `let`, `weight`, `loss` and `measure` come before the result.',
  },
  BF1012: {
    title: 'unknown source',
    explanation:
      'Declarations come from the standard library, `use std.{...}`, or from a file, `use "./file.bform".{...}`.',
  },
  BF1013: {
    title: 'unknown parameter type',
    explanation:
      'A parameter is a `dim`, `int`, `float`, `bool`, `activation`, `layer`, `layers`, `router`, or one of some names: `{a, b}`.',
  },
  BF1014: {
    title: 'misplaced `..`',
    explanation: '`[.., d]` stands for any leading axes; `..` comes first and once.',
  },
  BF1015: {
    title: 'unknown element type',
    explanation: 'The elements of a tensor are `f32` (which may be left out), `i32` or `bool`.',
  },
  BF1016: {
    title: 'chained comparison',
    explanation: 'A comparison gives a truth value; join two of them with `and`.',
  },
  BF1020: {
    title: 'invalid character',
    explanation: 'This character means nothing outside of comments and strings.',
  },
  BF1021: {
    title: 'unterminated string',
    explanation: 'A string ends with `"` on the line where it began.',
  },
  BF1022: {
    title: 'invalid number',
    explanation:
      'A number is written as `12`, `1_000`, `0.5` or `1e-5`. A name cannot begin with a digit. Units, as in `100M`, stand in budgets only.',
  },
  BF1023: {
    title: 'invalid escape',
    explanation: 'In a string, a backslash stands only before `"`, `\\`, `n` and `t`.',
  },
  BF1030: {
    title: 'not a text file',
    explanation: 'The file holds bytes that are not UTF-8 text. bform source is plain text.',
  },
  BF1031: {
    title: 'file too large',
    explanation: 'A source file is at most 1 MiB. Split it and `use` its parts.',
  },
  BF1032: {
    title: 'too many tokens',
    explanation: 'A source file has at most 200,000 tokens. Split it and `use` its parts.',
  },
  BF1033: {
    title: 'brackets nested too deeply',
    explanation: 'Brackets nest at most 64 deep. Name inner parts with `let`.',
  },
  BF1034: {
    title: 'name too long',
    explanation: 'A name has at most 128 characters; it is read by people.',
  },
  BF1035: {
    title: 'number too long',
    explanation: 'A number is written with at most 64 characters.',
  },
  BF1036: {
    title: 'too many mistakes',
    explanation: 'The compiler stops after 100 diagnostics. Mend the first ones and run it again.',
  },
  BF1037: {
    title: 'expression too deep',
    explanation:
      'The longest way from the root of an expression to a leaf has at most 256 operations. Name inner parts with `let`.',
  },

  // BF2xxx: names, parameters, structure, budget
  BF2001: {
    title: 'file not found',
    explanation:
      'A `use` names a file that is not there. Paths are relative to the file that says `use`; names of the library come from `use std.{...}`.',
  },
  BF2002: {
    title: 'path not allowed',
    explanation:
      'A path in a `use` starts with `./` or `../`, uses forward slashes, ends in `.bform` and stays inside the project: the folder in which `bform` is called, or that of the file it is given, if that lies elsewhere.',
  },
  BF2003: {
    title: 'files use each other in a cycle',
    explanation:
      'A file uses itself, directly or through others. Move what both need into a third file.',
  },
  BF2004: {
    title: 'name not in file',
    explanation:
      'The file that a `use` names does not declare this name itself. Names that a file merely uses are not passed on.',
  },
  BF2005: {
    title: 'too much to load',
    explanation:
      'A program has at most 256 files, uses that nest at most 32 deep, and 4 MiB of source in all.',
  },
  BF2006: {
    title: 'private name',
    explanation: 'A name that begins with `_` can be used in its own file only.',
  },
  BF2010: {
    title: 'name declared twice',
    explanation:
      'Two things of one name in the same place. The second place shown is the first of them.',
  },
  BF2011: {
    title: 'unknown name',
    explanation:
      'Nothing of this name is declared here. Layers of the standard library need a `use std.{...}` in each file that names them.',
  },
  BF2012: {
    title: 'no model to compile',
    explanation: 'The file declares no model, or none of the name that was asked for.',
  },
  BF2013: {
    title: 'which model?',
    explanation: 'The file declares several models; say which one to compile.',
  },
  BF2014: {
    title: 'unknown setting',
    explanation: 'The settings of a model are `vocab` and `context`.',
  },
  BF2015: {
    title: 'missing setting',
    explanation:
      'A model on tokens sets `vocab`, and so does one whose layers use it; the same holds for `context`.',
  },
  BF2020: {
    title: 'unknown argument',
    explanation: 'What is called has no parameter of this name.',
  },
  BF2021: {
    title: 'missing argument',
    explanation: 'A parameter without a default was not given.',
  },
  BF2022: {
    title: 'too many arguments',
    explanation: 'More arguments are given than there are parameters, or one is given twice.',
  },
  BF2023: {
    title: 'wrong kind of argument',
    explanation:
      'The argument is not of the type that the parameter declares: a number where a layer is wanted, a tensor where a size is.',
  },
  BF2024: {
    title: 'not one of the choices',
    explanation: 'The parameter takes one of a list of names.',
  },
  BF2025: {
    title: 'constraint not met',
    explanation:
      'A `where` of the layer, block or model does not hold for these arguments. The second place shown is the constraint.',
  },
  BF2026: {
    title: 'not a number that fits',
    explanation:
      'A size must be whole and positive, an integer whole, a number finite and within the range of its type.',
  },
  BF2027: {
    title: 'not divisible',
    explanation:
      '`/` between sizes is exact, so the left side must be a multiple of the right one. Use `floor(a / b)` or `ceil(a / b)` to round.',
  },
  BF2028: {
    title: 'not known when compiling',
    explanation:
      'The condition, count or size must be known when the model is compiled; it depends on a tensor or on a size of run time such as `t`.',
  },
  BF2029: {
    title: 'wrong kind of operand',
    explanation: 'The operator does not work on values of these kinds.',
  },
  BF2030: {
    title: 'not a layer',
    explanation: 'Only layers, blocks and functions can be called or stand as a step.',
  },
  BF2031: {
    title: 'not a wiring',
    explanation:
      'A row begins with a wiring: a layer whose last parameter is a `layer` or `layers`, which the row supplies.',
  },
  BF2032: {
    title: 'wrong use of a function',
    explanation: 'The function is not called as it is meant to be; the message shows how.',
  },
  BF2033: {
    title: 'wrong initialiser',
    explanation:
      'A weight begins as `normal(std: x)`, `uniform(low: x, high: y)`, `zeros`, `ones`, `constant(x)` or `tied("path")`.',
  },
  BF2034: {
    title: 'unknown weight',
    explanation:
      '`tied` names a weight by its path from the top of the model; it must be declared before, and outside of repeats.',
  },
  BF2035: {
    title: 'malformed pattern',
    explanation:
      'The patterns of `einsum` and `rearrange` are axis names separated by spaces, with one `->`; operands of `einsum` are separated by commas.',
  },
  BF2036: {
    title: 'output of a mask or score',
    explanation:
      'The layers given to `attend` as `mask` and `score` are computed for each pair of positions and declare no `loss` and no `measure`.',
  },
  BF2037: {
    title: 'router without experts',
    explanation:
      'A router sends each row to some of several experts. It is no layer by itself: it is given to the layer that has the experts, as in `moe(ffn, experts: 8, route: top_k(2))`, which supplies its parameters `experts` and `expert`.',
  },
  BF2038: {
    title: 'layer that is no expert',
    explanation:
      'An expert maps one token at a time, whichever come to it: a layer of one input, whose shape may be one token of d numbers, as `[.., d]`. What mixes tokens, such as attention, or works on all of them at once, such as routing, cannot be an expert.',
  },
  BF2040: {
    title: 'contains itself',
    explanation:
      'A layer, order, block or model contains itself, directly or through others, so it would never end. The message shows the chain.',
  },
  BF2041: {
    title: 'too many repeats',
    explanation:
      'A repeat is run at most 1,024 times, and at least once; a step of a row or an order may be left out with `* 0`.',
  },
  BF2042: {
    title: 'too large when expanded',
    explanation:
      'With all repeats written out, a model has at most 50,000 layers and 200,000 operations.',
  },
  BF2043: {
    title: 'nested too deeply',
    explanation:
      'Layers nest at most 64 deep, and the expressions on the way to the innermost one at most 512.',
  },
  BF2044: {
    title: 'too many parameters',
    explanation: 'A model has at most 2^44 trained numbers.',
  },
  BF2045: {
    title: 'number or size too large',
    explanation: 'A size is at most 2^31 - 1, an integer at most 2^53, a formula at most 64 terms.',
  },
  BF2050: {
    title: 'nothing left of a row',
    explanation:
      'In a row a step may be repeated 0 times, which leaves it out; at least one step must be left.',
  },
  BF2051: {
    title: 'unused label',
    explanation:
      'A name is given that no row, stage or step uses. A warning: the program means the same without it.',
  },
  BF2052: {
    title: 'two labels for one layer',
    explanation:
      'Two labels of a block are written alike. Every occurrence of a label has weights of its own, so one label says as much; perhaps one of them was to be another layer. A warning.',
  },
  BF2053: {
    title: 'a sub-layer twice on one input',
    explanation:
      'The sub-layers of this row are applied to the same input and added up; one of them stands there twice. A warning: a wider layer says the same.',
  },

  BF2060: {
    title: 'choice that looks ahead',
    explanation:
      'A model with causal attention promises that no position depends on later ones. `arg_top_k` along an axis that holds several positions of one sequence, as expert choice does, breaks that: whether a token is chosen depends on the tokens after it. Training then is too optimistic, and one token at a time cannot be generated. Choose among tokens that share no sequence, `expert_choice(over: position)`; or use a rule that looks at one token alone: `expert_threshold`, or token choice, `top_k(2)`.',
  },

  BF2070: {
    title: 'unknown limit',
    explanation:
      'A budget limits `params`, `activated`, `flops`, `flops_per_token`, `memory`, `weights` or `dispatches`.',
  },
  BF2071: {
    title: 'unit that does not fit',
    explanation:
      'Counts take K, M, G and T, powers of 1000. Bytes, of `memory` and `weights`, take KiB, MiB, GiB and TiB, powers of 1024, and KB, MB, GB and TB, powers of 1000.',
  },
  BF2072: {
    title: 'size that a limit cannot have',
    explanation:
      'After `at` stand sizes of the run, those of the axes of the model’s inputs that are not fixed, within their range: `b`, and `t` up to `context`. Parameters, bytes of weights and dispatches are the same at all sizes.',
  },
  BF2073: {
    title: 'budget that is not checked',
    explanation:
      'A model whose parameters have no defaults has no cost of its own. A warning: give them defaults, and the budget is checked with these.',
  },

  // BF3xxx: shapes
  BF3001: {
    title: 'shapes do not fit',
    explanation:
      'Two tensors meet whose axes neither match by name nor by size. There is no hidden outer product: write `einsum` for one.',
  },
  BF3002: {
    title: 'unknown axis',
    explanation: 'The tensor has no axis of this label, or has two of them.',
  },
  BF3003: {
    title: 'sizes differ',
    explanation: 'Two axes that must have one size have different ones.',
  },
  BF3004: {
    title: 'wrong number of axes',
    explanation: 'The tensor has more or fewer axes than wanted here, at most 8 in all.',
  },
  BF3005: {
    title: 'wrong element type',
    explanation: 'Tensors are of f32, i32 or bool. `f32(x)` and `i32(x)` convert.',
  },
  BF3006: {
    title: 'result differs from what was promised',
    explanation: 'The shape of a layer after `->` must be the shape of its body’s result.',
  },
  BF3007: {
    title: 'axis does not split',
    explanation: 'The size of an axis must be the product of the sizes it is split into.',
  },
  BF3008: {
    title: 'repeat changes the shape',
    explanation: 'What is repeated must give the shape that it takes.',
  },
  BF3009: {
    title: 'outside of the axis',
    explanation: 'The slice reaches past the end of the axis.',
  },
  BF3010: {
    title: 'axes in another order',
    explanation:
      'Both tensors have the same axes in different orders. Put them in one order with `rearrange`.',
  },
  BF3011: {
    title: 'weight without a fixed shape',
    explanation:
      'A weight is trained once for all inputs, so its shape cannot depend on `b`, `t` or another size of run time.',
  },
  BF3012: {
    title: 'mask or score is not made of single numbers',
    explanation:
      'The layers given to `attend` as `mask` and `score` are computed for each pair of positions: they work on numbers, and look up weights by them.',
  },

  // BF4xxx: device limits
  BF4001: {
    title: 'weight larger than a binding',
    explanation:
      'A kernel reads each weight through one binding, and devices limit how many bytes a binding covers. Make the weight smaller, split it into several weights, or compile for a target with a larger limit.',
  },
  BF4002: {
    title: 'tensor larger than a binding',
    explanation:
      'An input or an intermediate result exceeds what one binding can cover even at the smallest batch and length. Make it smaller, or compile for a target with a larger limit.',
  },

  BF4201: {
    title: 'more than the budget',
    explanation:
      'A model costs more than its `budget`, or an option such as `--max-flops`, allows. The message has both sides; the other places are the layers that cost most. An error of `bform check`, a warning of `bform compile` and `bform report`.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

/** The code of a diagnostic, such as `BF3001`. */
export type Code = keyof typeof CODES;

export const isCode = (text: string): text is Code => Object.hasOwn(CODES, text);

/** Codes with a common beginning. */
export interface CodeGroup {
  /** What the codes of the group begin with. */
  readonly prefix: string;
  readonly title: string;
}

/** What codes are about, by what they begin with. */
export const CODE_GROUPS: readonly CodeGroup[] = [
  { prefix: 'BF1', title: 'Syntax and files' },
  { prefix: 'BF2', title: 'Names, parameters, structure, budgets' },
  { prefix: 'BF3', title: 'Shapes and types' },
  { prefix: 'BF4', title: 'Limits of the device, and of what models cost' },
];

/** The codes of a group, in their order. */
export const codesOf = ({ prefix }: CodeGroup): readonly Code[] =>
  Object.keys(CODES)
    .filter(isCode)
    .filter((code) => code.startsWith(prefix))
    .sort();
