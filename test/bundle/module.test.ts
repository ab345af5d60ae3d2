// The generated module: what a user of a bundle sees, that it type-checks strictly, and that no name becomes code.
import { resolve } from 'node:path';
import { Project, SyntaxKind, ts } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import type { ModuleInterface } from '../../compiler/bundle/module-structure.ts';
import { printModule } from '../../compiler/bundle/print-module.ts';
import { size } from '../support/sizes.ts';

const languageModel: ModuleInterface = {
  model: 'tiny',
  symbols: [
    { name: 'b', min: 1 },
    { name: 't', min: 1, max: 256 },
  ],
  inputs: [{ name: 'tokens', dtype: 'i32', shape: [size(1, 'b'), size(1, 't')], range: [0, 511] }],
  outputs: [
    {
      name: 'logits',
      kind: 'result',
      dtype: 'f32',
      shape: [size(1, 'b'), size(1, 't'), size(512)],
      slot: 0,
    },
  ],
};

const routed: ModuleInterface = {
  ...languageModel,
  outputs: [
    ...languageModel.outputs,
    { name: 'blocks.*.g.balance', kind: 'loss', dtype: 'f32', shape: [size(4)], slot: 1 },
    { name: 'blocks.*.g.tokens', kind: 'measure', dtype: 'i32', shape: [size(4)], slot: 2 },
  ],
};

const print = (manifest: ModuleInterface, doc?: string) =>
  printModule(manifest, doc, 'bform/runtime');

const named = (word: string): ModuleInterface => ({
  model: word,
  symbols: [{ name: word, min: 1 }],
  inputs: [{ name: word, dtype: 'f32', shape: [size(1, word)] }],
  outputs: [{ name: word, kind: 'result', dtype: 'f32', shape: [size(3, word)], slot: 0 }],
});

const HOSTILE = [
  'X { } process.exit(1); interface Y',
  '*/ process.exit(1) /*',
  '*/\nprocess.exit(1)\n/**',
  "'; process.exit(1); '",
  '"]: 1; evil: 1; ["',
  '`' + '$' + '{process.exit(1)}`',
  '\\u002a/ evil()',
  '\\',
  '\\"',
  'a\u2028evil()',
  'a\u2029evil()',
  'a\u0085evil()',
  'a\u000Bevil()\u000Cevil()\revil()',
  '\u202Eevil\u2066',
  '@param {evil} x',
  '{@link evil}',
  '__proto__',
  'constructor',
  'class',
  'await',
  '123',
  '',
  ' ',
  '🙂',
  'größe',
  '\uD800',
  '<script>alert(1)</script>',
  '[Symbol.iterator]',
  'get x() { return 1 }; y',
  '#private',
  '// @ts-nocheck',
  'x?: any; y',
];

/** Every node of a file by kind and depth. Whether a property's name is quoted makes no difference. */
function skeleton(text: string, fileName: string): string[] {
  const kinds: string[] = [];
  const visit = (node: ts.Node, depth: number): void => {
    const kind = node.kind === SyntaxKind.StringLiteral ? SyntaxKind.Identifier : node.kind;
    kinds.push(`${depth} ${SyntaxKind[kind]}`);
    ts.forEachChild(node, (child) => visit(child, depth + 1));
  };
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.ES2022), 0);
  return kinds;
}

/** The errors of strict type checking, by file, of programs that use the generated module. */
function typeErrors(files: Readonly<Record<string, string>>): Record<string, string[]> {
  const root = resolve(import.meta.dirname, '../..');
  const project = new Project({
    skipAddingFilesFromTsConfig: true,
    tsConfigFilePath: resolve(root, 'tsconfig.json'),
    compilerOptions: {
      noEmit: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      noUnusedLocals: true,
      paths: { 'bform/runtime': [resolve(root, 'runtime/index.ts')] },
    },
  });
  const folder = resolve(root, 'test/bundle/generated');
  const made = Object.entries(files).map(([name, text]) => ({
    name,
    file: project.createSourceFile(resolve(folder, name), text),
  }));
  const program = project.getProgram();
  return Object.fromEntries(
    made.map(({ name, file }) => [
      name,
      program.getSemanticDiagnostics(file).map((diagnostic) => String(diagnostic.getMessageText())),
    ]),
  );
}

describe('the module of a bundle', () => {
  it('documents the shapes, the limits and the model', () => {
    const text = print(languageModel, 'A small model.\nIts second line.')['index.ts'];
    expect(text).toContain('/** i32[b, t], each from 0 to 511. */\n  readonly tokens: RunInput;');
    expect(text).toContain('/** f32[b, t, 512]. */\n  readonly logits: TensorOutput;');
    expect(text).toContain('b from 1, t from 1 to 256');
    expect(text).toContain(' * tiny, loaded and ready to run. A small model.\n * Its second line.');
  });

  it('names losses and measured values by their paths, and says what they are', () => {
    const text = print(routed)['index.ts'];
    expect(text).toMatch(
      /\/\*\* A loss: f32\[4\]\. \*\/\n {2}readonly ["']blocks\.\*\.g\.balance["']: TensorOutput;/,
    );
    expect(text).toContain('/** A measured value: i32[4]. */');
  });

  it('is the same text every time', () => {
    expect(print(languageModel)).toEqual(print(languageModel));
  });

  it('imports the package, or the copy of the runtime beside it', () => {
    expect(print(languageModel)['index.js']).toContain('from "bform/runtime"');
    const beside = printModule(languageModel, undefined, './runtime.js');
    expect(beside['index.js']).toContain('from "./runtime.js"');
    expect(beside['index.d.ts']).toContain('from "./runtime.js"');
  });

  const use = `
    import { load } from './index.js';
    using model = await load({ seed: 1 });
    const { logits } = await model.run({ tokens: [[1, 403]] });
    export const first: number | undefined = logits.data[0];
  `;
  const misuse = `
    import { load } from './index.js';
    const model = await load();
    await model.run({ tokenz: [[1]] });
    const { logit } = await model.run({ tokens: [[1]] });
    export { logit };
  `;

  it('type-checks strictly, from its source and from its declarations', () => {
    const files = print(languageModel, 'Doc.');
    const errors = typeErrors({
      'source/index.ts': files['index.ts'],
      'source/use.ts': use,
      'source/misuse.ts': misuse,
      'declared/index.d.ts': files['index.d.ts'],
      'declared/use.ts': use,
      'declared/misuse.ts': misuse,
    });
    const counts = Object.entries(errors).map(([name, messages]) => [name, messages.length]);
    expect(Object.fromEntries(counts)).toEqual({
      'source/index.ts': 0,
      'source/use.ts': 0,
      'source/misuse.ts': 2,
      'declared/index.d.ts': 0,
      'declared/use.ts': 0,
      'declared/misuse.ts': 2,
    });
  });
});

describe('a name that is code', () => {
  const benign = print(named('word'), 'word');

  it.each(HOSTILE)('stays a name: %j', (word) => {
    const files = print(named(word), word);
    for (const name of ['index.ts', 'index.js', 'index.d.ts'] as const)
      expect(skeleton(files[name], name)).toEqual(skeleton(benign[name], name));
  });
});
