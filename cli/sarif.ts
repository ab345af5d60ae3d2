// Diagnostics as a SARIF 2.1.0 log, for code scanning: rules with their explanations, places, related places.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CODES, type Code } from '../compiler/diagnostics/codes.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import { type JsonDiagnostic, type JsonPlace, toJson } from '../compiler/diagnostics/render.ts';
import { packageRoot, packageVersion } from './package-root.ts';

/** One run for each folder that paths of the user's files are relative to, with what was found there. */
export const sarifLog = (found: ReadonlyMap<string, readonly Diagnostic[]>): object => ({
  $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
  version: '2.1.0',
  runs: [...found].map(([root, diagnostics]) => runOf(toJson(diagnostics), root)),
});

function runOf(found: readonly JsonDiagnostic[], root: string): object {
  const codes = [...new Set(found.map(({ code }) => code))].sort();
  return {
    tool: { driver: { name: 'bform', version: packageVersion(), rules: codes.map(ruleOf) } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      [OWN]: { uri: folderUri(root) },
      [LIBRARY]: { uri: folderUri(`${packageRoot()}/stdlib`) },
    },
    results: found.map((diagnostic) => resultOf(diagnostic, codes, root)),
  };
}

const [OWN, LIBRARY] = ['SRCROOT', 'STDLIB'];

function ruleOf(code: Code): object {
  const { title, explanation } = CODES[code];
  return { id: code, shortDescription: { text: title }, fullDescription: { text: explanation } };
}

function resultOf(
  { code, severity, message, hint, related, ...place }: JsonDiagnostic,
  codes: readonly Code[],
  root: string,
): object {
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message}\nHint: ${hint}` },
    locations: [{ physicalLocation: physical(place, root) }],
    ...(related.length > 0 && {
      relatedLocations: related.map(({ message, ...place }, id) => ({
        id,
        physicalLocation: physical(place, root),
        message: { text: message },
      })),
    }),
  };
}

function physical({ file, start, end }: JsonPlace, root: string): object {
  const isLibrary = file.startsWith('std/') && !existsSync(join(root, file));
  const path = isLibrary ? file.slice('std/'.length) : file;
  return {
    artifactLocation: {
      uri: path.split('/').map(encodeURIComponent).join('/'),
      uriBaseId: isLibrary ? LIBRARY : OWN,
    },
    region: {
      startLine: start.line,
      startColumn: start.column,
      endLine: end.line,
      endColumn: end.column,
      charOffset: start.offset,
      charLength: end.offset - start.offset,
    },
  };
}

/** SARIF wants the slash at the end. */
const folderUri = (folder: string): string => `${pathToFileURL(folder).href}/`;
