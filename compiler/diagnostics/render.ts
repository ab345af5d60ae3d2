// Diagnostics -> text for a terminal, and data for programs.
// The user's source is untrusted: whatever could steer a terminal is shown as an escape (printable.ts).
//
//   error[BF1006]: a `let` gives its value with `=`
//     --> model.bform:3:11
//      |
//    3 |     let up: linear(hidden)
//      |           ^
//      |
//      = hint: write `let up = ...`
import pc from 'picocolors';
import { positionAt, type Span } from '../source.ts';
import type { Code } from './codes.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { printable } from './printable.ts';
import { excerpt } from './snippet.ts';

/** How diagnostics are shown. */
export interface RenderOptions {
  readonly color: boolean;
}

/** All diagnostics in the order given, with an empty line between them; ends with a newline unless there are none. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  { color }: RenderOptions,
): string {
  const paint = pc.createColors(color);
  return diagnostics.map((diagnostic) => `${renderOne(diagnostic, paint)}\n`).join('\n');
}

type Paint = ReturnType<typeof pc.createColors>;

function renderOne(diagnostic: Diagnostic, paint: Paint): string {
  const { code, severity, message, span, related, hint } = diagnostic;
  const strong = severity === 'error' ? paint.red : paint.yellow;
  const places = [{ span, message: '' }, ...related];
  const gutter = Math.max(
    ...places.map((place) => String(positionAt(place.span.file, place.span.end).line).length),
  );
  const margin = ' '.repeat(gutter + 1);
  const lines = [paint.bold(`${strong(`${severity}[${code}]`)}: ${printable(message)}`)];
  for (const [index, place] of places.entries()) {
    const mark = index === 0 ? '^' : '-';
    const ink = index === 0 ? strong : paint.blue;
    const arrow = index === 0 ? '-->' : ':::';
    lines.push(`${' '.repeat(gutter)}${paint.blue(arrow)} ${locate(place.span)}`);
    lines.push(`${margin}${paint.blue('|')}`);
    for (const row of excerpt(place.span, mark)) {
      const number = row.line === undefined ? '' : String(row.line);
      const text = row.kind === 'marks' ? ink(row.text) : row.text;
      lines.push(`${paint.blue(`${number.padStart(gutter)} |`)} ${text}`.trimEnd());
    }
    if (place.message) lines[lines.length - 1] += ` ${ink(printable(place.message))}`;
  }
  if (hint !== undefined) {
    lines.push(`${margin}${paint.blue('|')}`);
    lines.push(`${margin}${paint.blue('=')} ${paint.bold('hint')}: ${printable(hint)}`);
  }
  return lines.join('\n');
}

function locate(span: Span): string {
  const { line, column } = positionAt(span.file, span.start);
  return `${printable(span.file.path)}:${line}:${column}`;
}

/** A place in a file. */
export interface JsonPosition {
  /** From one. */
  readonly line: number;
  /** From one, in UTF-16 units. */
  readonly column: number;
  /** From zero, in UTF-16 units. */
  readonly offset: number;
}

/** A part of a file. */
export interface JsonPlace {
  readonly file: string;
  readonly start: JsonPosition;
  readonly end: JsonPosition;
}

/** A diagnostic as `--format json` prints it. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly related: readonly (JsonPlace & { readonly message: string })[];
  readonly hint?: string;
}

/** The same as data, for `--format json`; messages are as safe to show as on a terminal, paths are exact. */
export function toJson(diagnostics: readonly Diagnostic[]): JsonDiagnostic[] {
  return diagnostics.map(({ code, severity, message, span, related, hint }) => ({
    code,
    severity,
    message: printable(message),
    ...placeOf(span),
    related: related.map((place) => ({
      message: printable(place.message),
      ...placeOf(place.span),
    })),
    ...(hint !== undefined && { hint: printable(hint) }),
  }));
}

function placeOf({ file, start, end }: Span): JsonPlace {
  return {
    file: file.path,
    start: { ...positionAt(file, start), offset: start },
    end: { ...positionAt(file, end), offset: end },
  };
}
