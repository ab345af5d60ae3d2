// Writes docs/api.md from the doc comments of what the package exports, and of a bundle's module. Run with
// `npx tsx scripts/generate-api-page.ts` after a change of either; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ClassDeclaration,
  type ExportedDeclarations,
  type JSDocableNode,
  Node,
  Project,
  type SourceFile,
  type VariableDeclaration,
} from 'ts-morph';
import { openEntry } from '../cli/source-reader.ts';
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import { printModule } from '../compiler/bundle/print-module.ts';
import { compile } from '../compiler/compile.ts';

const root = new URL('../', import.meta.url);
const EXAMPLE = 'examples/hello/model.bform';

const COMPILER_EXAMPLE = `import { readdirSync, readFileSync } from 'node:fs';
import { check, cost, plan, type SourceReader } from 'bform';

const library = new URL('./stdlib/', import.meta.resolve('bform/package.json'));
const textOf = (path: string | URL) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
const reader: SourceReader = {
  read: textOf,
  readStd: (path) => textOf(new URL(path, library)),
  listStd: () => readdirSync(library).filter((name) => name.endsWith('.bform')),
};

const { diagnostics } = check('examples/own-layer/wrong.bform', reader);
console.log(diagnostics.map(({ code }) => code).join(', ')); // BF2025, BF2011

const { result } = plan('examples/hello/model.bform', reader);
if (result) console.log(cost(result, { b: 1, t: 256 }).params.total); // 820352n
`;

const RUNTIME_EXAMPLE = `import { BformError, loadModel } from 'bform/runtime';

const session = await loadModel('my-bundle', { seed: 1, capacity: { b: 2, t: 64 } });
const { logits } = await session.run({ tokens: [[72, 105], [79, 104]] });
console.log(logits.shape); // [2, 2, 256]
try {
  await session.run({ tokens: [[256]] });
} catch (error) {
  if (error instanceof BformError) console.log(error.code); // BF9003
}
session.dispose();
`;

/** An exported name with what it says of itself. */
export interface ApiEntry {
  readonly name: string;
  readonly kind: 'function' | 'class' | 'type' | 'value';
  /** The declaration without bodies, with the doc comments of its members. */
  readonly signature: string;
  readonly doc: string;
  /** The errors of a function, or of a class's methods. */
  readonly throws: readonly string[];
  /** From the root of the repository. */
  readonly file: string;
}

/** What a module exports, functions and classes first. */
export function apiEntries(entryPoint: string): ApiEntry[] {
  const project = new Project({
    tsConfigFilePath: fileURLToPath(new URL('tsconfig.json', root)),
    skipAddingFilesFromTsConfig: true,
  });
  const file = project.addSourceFileAtPath(fileURLToPath(new URL(entryPoint, root)));
  project.resolveSourceFileDependencies();
  return exportsOf(file).sort((a, b) => rank(a) - rank(b));
}

const rank = ({ kind }: ApiEntry): number => ['function', 'class', 'value', 'type'].indexOf(kind);

const exportsOf = (file: SourceFile): ApiEntry[] =>
  [...file.getExportedDeclarations()].flatMap(([name, declarations]) =>
    declarations.map((declaration) => entryOf(name, declaration)),
  );

function entryOf(name: string, declaration: ExportedDeclarations): ApiEntry {
  const documented = Node.isVariableDeclaration(declaration)
    ? declaration.getVariableStatementOrThrow()
    : declaration;
  const path = declaration.getSourceFile().getFilePath();
  return {
    name,
    ...signatureOf(declaration),
    ...docOf(documented as JSDocableNode & Node),
    file: path.slice(fileURLToPath(root).length),
  };
}

function docOf(node: JSDocableNode & Node): Pick<ApiEntry, 'doc' | 'throws'> {
  const comments = Node.isJSDocable(node) ? node.getJsDocs() : [];
  return {
    doc: comments
      .map((comment) => comment.getDescription().trim())
      .join('\n')
      .replace(/\s*\n\s*/g, '\n'),
    throws: comments.flatMap((comment) =>
      comment
        .getTags()
        .filter((tag) => tag.getTagName() === 'throws')
        .map((tag) => tag.getCommentText() ?? ''),
    ),
  };
}

function signatureOf(node: ExportedDeclarations): Pick<ApiEntry, 'kind' | 'signature'> {
  if (Node.isFunctionDeclaration(node)) {
    const end = node.getBodyOrThrow().getStart() - node.getStart();
    return { kind: 'function', signature: plain(node.getText().slice(0, end)) };
  }
  if (Node.isClassDeclaration(node)) return { kind: 'class', signature: classText(node) };
  if (Node.isVariableDeclaration(node)) return variable(node);
  return { kind: 'type', signature: plain(node.getText()) };
}

function variable(node: VariableDeclaration): Pick<ApiEntry, 'kind' | 'signature'> {
  const initializer = node.getInitializerOrThrow();
  if (Node.isArrowFunction(initializer)) {
    const end = initializer.getEqualsGreaterThan().getStart() - initializer.getStart();
    const head = initializer.getText().slice(0, end).trim();
    return { kind: 'function', signature: `function ${node.getName()}${head}` };
  }
  const type =
    node.getTypeNode() ??
    (Node.isSatisfiesExpression(initializer) ? initializer.getTypeNode() : undefined);
  const shown = type ? `: ${type.getText()}` : ` = ${initializer.getText()}`;
  return { kind: 'value', signature: `const ${node.getName()}${shown}` };
}

/** The members that one can reach, without their bodies. */
function classText(node: ClassDeclaration): string {
  const extended = node.getExtends();
  const members = [...node.getInstanceProperties(), ...node.getInstanceMethods()].flatMap(
    (member) => {
      const name = member.getName();
      if (
        name.startsWith('#') ||
        !Node.isJSDocable(member) ||
        member.getText().startsWith('override ')
      )
        return [];
      const body = 'getBody' in member ? member.getBody() : undefined;
      const text = body
        ? member.getText().slice(0, body.getStart() - member.getStart())
        : member.getText();
      const docs = member.getJsDocs().map((comment) => `${comment.getText()}\n  `);
      return [`  ${docs.join('')}${text.trim().replace(/;?$/, ';')}`];
    },
  );
  const head = `class ${node.getName()}${extended ? ` extends ${extended.getText()}` : ''}`;
  return members.length > 0 ? `${head} {\n${members.join('\n')}\n}` : head;
}

/** Without words that say nothing to a caller; a parameter that is taken apart has the name of its type. */
const plain = (text: string): string =>
  text
    .replace(/^export (declare )?(async )?/, '')
    .replace(
      /\{[^{}]*\}: ([A-Z])(\w*)/g,
      (_, first, rest) => `${first.toLowerCase()}${rest}: ${first}${rest}`,
    )
    .trim();

/** The page's text. */
export async function apiPage(): Promise<string> {
  return `# API

Made from the doc comments of the sources by \`scripts/generate-api-page.ts\`. Shapes are row-major lists of sizes; memory is in bytes, times in
milliseconds unless a name says otherwise.

- [\`bform\`](#bform): the compiler, for programs that embed it
- [\`bform/runtime\`](#bformruntime): what runs a bundle
- [A bundle's module](#a-bundles-module): what \`bform compile\` writes for a model

## bform
Text in, text out: files come in through a \`SourceReader\`, a mistake in them is a \`Diagnostic\` and no exception. The functions throw \`InternalError\`, and only where
the fault is bform's. [architecture.md](architecture.md) says what the stages give.

\`\`\`ts
${COMPILER_EXAMPLE}\`\`\`

${section('compiler/index.ts')}
## bform/runtime
Everything that can fail throws, or rejects with, a \`BformError\` of one of the classes below; its \`problems\` list what is wrong, one by one. A browser gets the same, without
what needs files or opens a device (\`loadBundle\`, \`loadModel\`, \`openDevice\`).

\`\`\`sh
npx bform compile examples/hello/model.bform -o my-bundle
\`\`\`
\`\`\`ts
${RUNTIME_EXAMPLE}\`\`\`

${section('runtime/index.ts')}
## A bundle's module
\`index.d.ts\` of [${EXAMPLE}](../${EXAMPLE}), compiled: inputs and outputs are those of the model, the rest is the same for all. More: [bundle.md](bundle.md).

\`\`\`ts signature
${await bundleModule()}\`\`\`
`;
}

function section(entryPoint: string): string {
  const entries = apiEntries(entryPoint);
  const names = entries.map((entry) => `[\`${entry.name}\`](#${anchor(title(entry))})`);
  return `${names.join(' · ')}\n\n${entries.map(entryText).join('\n')}`;
}

/** A heading that differs from those of other kinds also where only the case of the name does: `plan`, `Plan`. */
function title({ name, kind }: ApiEntry): string {
  if (kind === 'function') return `${name}()`;
  return kind === 'value' ? name : `${kind} ${name}`;
}

const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');

function entryText(entry: ApiEntry): string {
  const { signature, doc, throws, file } = entry;
  const errors = throws.map((text) => {
    const [, classes, when] = /^((?:\w+, )*\w+)\s*(.*)$/s.exec(text)!;
    const shown = classes!
      .split(', ')
      .map((error) => `\`${error}\``)
      .join(', ');
    return `- throws ${shown}${when ? ` ${when.replace(/\s+/g, ' ')}` : ''}\n`;
  });
  return `### ${title(entry)}
\`\`\`ts signature
${signature}
\`\`\`
${[doc, errors.join('')].filter(Boolean).join('\n\n').trimEnd()}

[source](../${file})
`;
}

async function bundleModule(): Promise<string> {
  const { path, reader } = openEntry(fileURLToPath(new URL(EXAMPLE, root)));
  const { result } = compile(path, reader);
  if (!result) throw new Error(`${EXAMPLE} has mistakes`);
  const manifest = await buildManifest(result);
  return printModule(manifest, result.model.doc, 'bform/runtime')['index.d.ts'];
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('docs/api.md', root), await apiPage());
