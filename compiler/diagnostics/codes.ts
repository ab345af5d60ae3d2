// Every code a diagnostic can have, with its title and a longer explanation for `bform explain`.
// BF1xxx syntax and files · BF2xxx names, parameters, structure, budget · BF3xxx shapes · BF4xxx device
// limits. A code, once published, keeps its meaning; messages may change. Holds no message templates:
// the stage that finds a mistake words it.

export interface CodeEntry {
  /** A few words, as a heading. */
  readonly title: string;
  /** What the mistake is and how it is usually mended. */
  readonly explanation: string;
}

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
      'At the top of a file only `edition`, `use`, `layer`, `block` and `model` can stand.',
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
    explanation: 'The file declares nothing. A file holds layers, blocks and models.',
  },
  BF1010: {
    title: 'duplicate part',
    explanation: 'Something that may be said once is said again.',
  },
  BF1011: {
    title: 'wrong order',
    explanation:
      'The parts of a file stand in this order: `edition`, the `use` lines, the declarations. In a body, `let` and `weight` come before the result.',
  },
  BF1012: {
    title: 'unknown source',
    explanation:
      'Declarations come from the standard library, `use std.{...}`, or from a file, `use "./file.bform".{...}`.',
  },
  BF1013: {
    title: 'unknown parameter type',
    explanation:
      'A parameter is a `dim`, `int`, `float`, `bool`, `activation`, `layer`, `layers`, or one of some names: `{a, b}`.',
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
      'A number is written as `12`, `1_000`, `0.5` or `1e-5`. A name cannot begin with a digit.',
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
    title: 'nested too deeply',
    explanation: 'Brackets nest at most 64 deep. Name inner parts with `let`.',
  },
  BF1034: {
    title: 'name too long',
    explanation: 'A name is at most 128 characters.',
  },
  BF1035: {
    title: 'number too long',
    explanation: 'A number is written with at most 64 characters.',
  },
  BF1036: {
    title: 'too many mistakes',
    explanation: 'The compiler stops after 100 diagnostics. Mend the first ones and run it again.',
  },

  // BF2xxx: names, parameters, structure, budget

  // BF3xxx: shapes

  // BF4xxx: device limits
} as const satisfies Readonly<Record<string, CodeEntry>>;

export type Code = keyof typeof CODES;
