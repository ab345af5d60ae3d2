// Reporting a user's mistake from inside an elaboration. A mistake that shows inside the library is shown where the
// user's own code led there, with the library's line as the second place.
import type { Code } from '../diagnostics/codes.ts';
import type { Related, Severity } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import type { Span } from '../source.ts';
import type { Env, Frame } from './context.ts';
import { POISON, type Poison } from './value.ts';

export interface MistakeDetails {
  readonly hint?: string | undefined;
  readonly related?: readonly Related[];
}

/** Reports an error and gives the value that stays silent from here on. */
export function mistake(
  env: Env,
  code: Code,
  message: string,
  span: Span,
  details: MistakeDetails = {},
): Poison {
  report(env, 'error', code, message, span, details);
  return POISON;
}

/** Reports what is probably not meant. */
export function warn(
  env: Env,
  code: Code,
  message: string,
  span: Span,
  details: MistakeDetails = {},
): void {
  report(env, 'warning', code, message, span, details);
}

function report(
  env: Env,
  severity: Severity,
  code: Code,
  message: string,
  span: Span,
  { hint, related = [] }: MistakeDetails,
): void {
  const place = userPlace(env, span);
  const moved = place !== span;
  env.run.report({
    code,
    severity,
    message: moved ? `in \`${env.frame.layer}\`: ${message}` : message,
    span: place,
    related: moved ? [{ span, message: 'it shows here' }, ...related] : related,
    ...(hint !== undefined && { hint }),
  });
}

/** True for a place in the standard library. */
export const isInLibrary = ({ run }: Env, { file }: Span): boolean =>
  run.program.modules.some((module) => module.isStd && module.file === file);

/** The nearest place outside of the library on the way to a span; the span itself if there is none. */
export function userPlace(env: Env, span: Span): Span {
  const isLibrary = (place: Span): boolean => isInLibrary(env, place);
  let place = span;
  for (let at: Frame | undefined = env.frame; at && isLibrary(place); at = at.use?.frame) {
    place = at.use?.span ?? place;
  }
  return isLibrary(place) ? span : place;
}

/** Names in a message: `a`, `b` and 3 more. */
export function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 6).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** "did you mean `x`?" for the nearest candidate, if one is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const near = suggest(name, candidates);
  return near && `did you mean \`${near}\`?`;
}
