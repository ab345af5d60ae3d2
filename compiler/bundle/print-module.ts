// A bundle's module as text: index.ts from structures in one call, then index.js and index.d.ts out of it.
// Pure text: nothing is type-checked or written here.
import { IndentationText, Project, ts } from 'ts-morph';
import { invariant } from '../invariant.ts';
import { type ModuleInterface, moduleStructure, type RuntimeModule } from './module-structure.ts';

export interface ModuleFiles {
  readonly 'index.ts': string;
  readonly 'index.js': string;
  readonly 'index.d.ts': string;
}

export function printModule(
  manifest: ModuleInterface,
  doc: string | undefined,
  runtime: RuntimeModule,
): ModuleFiles {
  const project = new Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: IndentationText.TwoSpaces },
  });
  const source = project
    .createSourceFile('index.ts', moduleStructure(manifest, doc, runtime))
    .getFullText();
  const compilerOptions: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    newLine: ts.NewLineKind.LineFeed,
  };
  const options = { compilerOptions, fileName: 'index.ts', reportDiagnostics: true };
  const script = ts.transpileModule(source, options);
  const declarations = ts.transpileDeclaration(source, options);
  for (const { diagnostics } of [script, declarations])
    invariant(
      !diagnostics?.length,
      'bundle',
      `index.ts: ${diagnostics?.map((d) => ts.flattenDiagnosticMessageText(d.messageText, ' '))}`,
    );
  return {
    'index.ts': source,
    'index.js': script.outputText,
    'index.d.ts': declarations.outputText,
  };
}
