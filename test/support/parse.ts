// Text -> tree and diagnostics, for tests.
import type { AstFile } from '../../compiler/ast/ast.ts';
import { buildAst } from '../../compiler/ast/build-ast.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { SourceFile } from '../../compiler/source.ts';
import { parse } from '../../grammar/parse.ts';

export interface ParseResult {
  readonly ast: AstFile;
  readonly diagnostics: readonly Diagnostic[];
}

export function parseFile(file: SourceFile): ParseResult {
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  const { cst, comments } = parse(file, report);
  return { ast: buildAst(cst, comments, file, report), diagnostics };
}

export function parseText(text: string, path = 'test.bform'): ParseResult {
  return parseFile({ path, text });
}
