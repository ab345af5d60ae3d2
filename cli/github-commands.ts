// Diagnostics as workflow commands, which GitHub Actions shows beside the lines that they are about.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { type JsonDiagnostic, toJson } from '../compiler/diagnostics/render.ts';

/** A line for each. `pathOf`: from a file's path as diagnostics have it to one from the folder that is checked out. */
export function githubCommands(
  diagnostics: readonly Diagnostic[],
  pathOf: (file: string) => string,
): string {
  return toJson(diagnostics)
    .map((diagnostic) => `${commandOf(diagnostic, pathOf)}\n`)
    .join('');
}

function commandOf(diagnostic: JsonDiagnostic, pathOf: (file: string) => string): string {
  const { code, severity, message, file, start, end, related, hint } = diagnostic;
  const properties = {
    file: pathOf(file),
    line: start.line,
    endLine: end.line,
    // Columns are shown within one line only.
    ...(start.line === end.line && { col: start.column, endColumn: end.column }),
    title: code,
  };
  const text = [
    message,
    ...related.map((place) => `${pathOf(place.file)}:${place.start.line}: ${place.message}`),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ].join('\n');
  const listed = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  return `::${severity} ${listed.join(',')}::${escaped(text)}`;
}

const escaped = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (value: string | number): string =>
  escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
