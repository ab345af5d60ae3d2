// Shows what the compiler found: for people on stderr, for programs as JSON on stdout.
import type { Outcome } from '../compiler/compile.ts';
import { renderDiagnostics, toJson } from '../compiler/diagnostics/render.ts';
import { Reported } from './exit.ts';
import { sayJson, talk, talksInColor } from './streams.ts';

export type Format = 'text' | 'json';

/**
 * The result, after its warnings were shown on stderr.
 * @throws {Reported} where there is none, after the diagnostics were shown (as JSON on stdout in that format).
 */
export function resultOf<Result>(
  { diagnostics, result }: Outcome<Result>,
  format: Format = 'text',
): Result {
  if (result === undefined && format === 'json') sayJson({ diagnostics: toJson(diagnostics) });
  else if (diagnostics.length > 0) talk(renderDiagnostics(diagnostics, { color: talksInColor() }));
  if (result === undefined) throw new Reported();
  return result;
}
