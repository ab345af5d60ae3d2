// How much a source file may hold. Checked before and around the parser, so that no text, however hostile,
// costs more than its size: the parser recurses, and its stack is not ours to lengthen.

export const LIMITS = {
  /** Bytes of UTF-8. */
  fileBytes: 1024 * 1024,
  tokens: 200_000,
  /** Brackets within brackets. */
  nesting: 64,
  /** Operators, calls and brackets on the longest way from an expression's root to a leaf. */
  depth: 256,
  /** Characters of a name. */
  name: 128,
  /** Characters of a number. */
  number: 64,
  /** Diagnostics of one file. */
  diagnostics: 100,
} as const;
