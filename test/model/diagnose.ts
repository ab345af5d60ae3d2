// What the compiler says about a file: all that a check of its declarations and the elaboration of its model report.
import { analyze, check } from '../../compiler/compile.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { sources } from '../support/sources.ts';

/** The diagnostics of `main.bform`, beside other files; a mistake that check and elaboration both see is there once. */
export function diagnose(code: string, files: Readonly<Record<string, string>> = {}): Diagnostic[] {
  const reader = sources({ ...files, 'main.bform': code });
  const checked = check('main.bform', reader).diagnostics;
  const hasModel = /^model /m.test(code);
  const elaborated = hasModel ? analyze('main.bform', reader).diagnostics : [];
  const added = elaborated.filter(
    ({ code, span }) => !checked.some((d) => d.code === code && d.span.start === span.start),
  );
  return [...checked, ...added];
}

/** The source and what is said about it, as in a terminal without colours. */
export function rendered(code: string, files: Readonly<Record<string, string>> = {}): string {
  const text = renderDiagnostics(diagnose(code, files), { color: false });
  const shown = { 'main.bform': code, ...files };
  const sourceText = Object.entries(shown).map(([path, file]) => `// ${path}\n${file.trimEnd()}\n`);
  return `${sourceText.join('\n')}\n${'-'.repeat(80)}\n${text}`;
}

/** `BF2011 nothing is called ...`, one line for each diagnostic, with its hint. */
export function messages(code: string, files: Readonly<Record<string, string>> = {}): string[] {
  return diagnose(code, files).map(
    ({ code, message, hint }) => `${code} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

/** A model over x: [b, t, 12] of the layer `h`. */
export const modelOf = (declarations: string): string =>
  `${declarations}\nmodel m (x: [b, t, 12]) -> y { h }`;

/** The messages about a layer `h` of x: [b, t, d] that keeps the shape, by its body. */
export const bodyMessages = (body: string): string[] =>
  messages(modelOf(`layer h (x: [b, t, d]) -> [b, t, d] { ${body} }`));
