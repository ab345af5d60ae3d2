// Shows what the compiler found: for people on stderr, for programs as JSON on stdout.
import type { Outcome } from '../compiler/compile.ts';
import { renderDiagnostics, toJson } from '../compiler/diagnostics/render.ts';
import { Reported } from './exit.ts';
import { printsJson } from './result.ts';
import { inColor, sayJson, talk } from './streams.ts';

/**
 * The result, after its warnings were shown on stderr.
 * @throws {Reported} where there is none, after the diagnostics were shown (as JSON on stdout in that mode).
 */
export function resultOf<Result>({ diagnostics, result }: Outcome<Result>): Result {
  if (result === undefined && printsJson()) sayJson({ diagnostics: toJson(diagnostics) });
  else if (diagnostics.length > 0)
    talk(renderDiagnostics(diagnostics, { color: inColor('stderr') }));
  if (result === undefined) throw new Reported();
  return result;
}
