// Text -> concrete syntax tree and comments; mistakes are reported as BF1xxx diagnostics.
// Never throws, whatever the text. Does not look at names or meanings.
import type { IToken } from 'chevrotain';
import type { Report } from '../compiler/diagnostics/diagnostic.ts';
import type { SourceFile } from '../compiler/source.ts';
import type { FileCstNode } from './cst.generated.ts';
import { expectationOf } from './expectation.ts';
import { BformParser } from './parser.ts';
import { bformLexer } from './tokens.ts';

export interface ParsedFile {
  /** Holds what is free of syntax errors; every node in it is whole. */
  readonly cst: FileCstNode;
  readonly comments: readonly IToken[];
}

const parser = new BformParser();

export function parse(file: SourceFile, report: Report): ParsedFile {
  const lexed = bformLexer.tokenize(file.text);
  parser.input = lexed.tokens;
  const cst = parser.file() as FileCstNode | undefined;
  for (const error of parser.errors) {
    const { startOffset, image } = error.token;
    const start = Number.isNaN(startOffset) ? file.text.length : startOffset;
    const { expected } = expectationOf(error);
    report({
      code: 'BF1001',
      severity: 'error',
      message: `expected ${expected.join(', ')}`,
      span: { file, start, end: start + image.length },
      related: [],
    });
  }
  return {
    cst: cst ?? { name: 'file', children: {} },
    comments: lexed.groups.comments ?? [],
  };
}
