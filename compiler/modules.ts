// A file and all that it uses, parsed, with the names that each file sees.
//
//   Program = entry, modules      Module = path, syntax tree, scope: name -> definition
//
// Resolves `use` only: names inside of bodies are looked up when they are elaborated. Reads through a
// `SourceReader`, so it touches no file system; files that are not used are never parsed.
import type { AstFile, Item, Use } from './ast/ast.ts';
import type { Code } from './diagnostics/codes.ts';
import type { Diagnostic, Report } from './diagnostics/diagnostic.ts';
import { suggest } from './diagnostics/suggest.ts';
import { isProblem, resolvePath } from './resolve-path.ts';
import type { SourceFile, Span } from './source.ts';

/** Where source text comes from. Paths have forward slashes; the answer is `undefined` where there is no file. */
export interface SourceReader {
  /** A file of the project, relative to its root. */
  read(path: string): string | undefined;
  /** A file of the standard library, relative to `stdlib/`. */
  readStd(path: string): string | undefined;
  /** The names of the files directly in `stdlib/`. */
  listStd(): readonly string[];
}

export type ParseFile = (file: SourceFile, report: Report) => AstFile;

/** A layer, order, block or model with the file whose names its body sees. */
export interface Definition {
  readonly item: Item;
  readonly module: Module;
}

export interface Module {
  readonly file: SourceFile;
  readonly ast: AstFile;
  readonly isStd: boolean;
  /** What names mean here: own items and imported ones. `undefined` where a mistake was reported already. */
  readonly scope: ReadonlyMap<string, Definition | undefined>;
  /** True when the file has syntax errors, so that a missing name need not be a second mistake. */
  readonly isBroken: boolean;
}

/** A file and all that it uses, parsed. */
export interface Program {
  readonly entry: Module;
  /** Every module in the order in which it was loaded; a module comes after those that it uses. */
  readonly modules: readonly Module[];
  /** The names of the library's top-level files, each with its file: for hints. */
  readonly stdNames: () => ReadonlyMap<string, string>;
}

export const LOAD_LIMITS = { files: 256, depth: 32, characters: 4 * 1024 * 1024 } as const;

/** A file to load, by its root and its path in there. */
interface Place {
  readonly isStd: boolean;
  readonly path: string;
}

/**
 * Loads the file at `entryPath` (relative to the project's root) and everything it uses.
 * Mistakes are reported; `undefined` only if the entry itself cannot be read.
 */
export function loadProgram(
  entryPath: string,
  reader: SourceReader,
  parseFile: ParseFile,
  report: Report,
): Program | undefined {
  const modules = new Map<string, Module | undefined>();
  let characters = 0;
  let stdNames: ReadonlyMap<string, string> | undefined;
  const namesOfStd = (): ReadonlyMap<string, string> => {
    stdNames ??= indexStd(reader);
    return stdNames;
  };
  const error = (code: Code, message: string, span: Span, more: Partial<Diagnostic> = {}): void =>
    report({ code, severity: 'error', message, span, related: [], ...more });

  /** The module at a place, loaded once; `chain` holds the places that are being loaded. */
  function load(place: Place, from: Span | undefined, chain: readonly Place[]): Module | undefined {
    const key = keyOf(place);
    if (modules.has(key)) return modules.get(key);
    modules.set(key, undefined);
    const text = place.isStd ? reader.readStd(place.path) : reader.read(place.path);
    const file: SourceFile = { path: nameOf(place), text: text ?? '' };
    const at = from ?? { file, start: 0, end: 0 };
    if (text === undefined) {
      error('BF2001', `there is no file \`${nameOf(place)}\``, at);
      return undefined;
    }
    characters += text.length;
    if (modules.size > LOAD_LIMITS.files || characters > LOAD_LIMITS.characters) {
      const limit =
        modules.size > LOAD_LIMITS.files
          ? `more than ${LOAD_LIMITS.files} files`
          : 'more than 4 MiB of source';
      error('BF2005', `the program has ${limit}`, at);
      return undefined;
    }
    let isBroken = false;
    const ast = parseFile(file, (diagnostic) => {
      isBroken ||= diagnostic.severity === 'error';
      report(diagnostic);
    });
    const scope = new Map<string, Definition | undefined>();
    const module: Module = { file, ast, isStd: place.isStd, scope, isBroken };
    const spans = new Map<string, Span>();
    for (const use of ast.uses) addUse(use, place, [...chain, place], scope, spans);
    for (const item of ast.items) {
      if (declare(item.name.text, item.name.span, spans)) {
        scope.set(item.name.text, { item, module });
      }
    }
    modules.delete(key);
    modules.set(key, module);
    return module;
  }

  function declare(name: string, span: Span, spans: Map<string, Span>): boolean {
    const first = spans.get(name);
    if (!first) {
      spans.set(name, span);
      return true;
    }
    error('BF2010', `\`${name}\` is declared twice`, span, {
      related: [{ span: first, message: 'first declared here' }],
    });
    return false;
  }

  function addUse(
    use: Use,
    from: Place,
    chain: readonly Place[],
    scope: Map<string, Definition | undefined>,
    spans: Map<string, Span>,
  ): void {
    const targets = new Map<string, Module | undefined>();
    for (const { name, alias } of use.names) {
      const local = alias ?? name;
      const isNew = declare(local.text, local.span, spans);
      const place = placeOf(use, name.text, name.span, from);
      let definition: Definition | undefined;
      if (place) {
        const key = keyOf(place);
        if (!targets.has(key)) targets.set(key, follow(place, use, chain));
        const target = targets.get(key);
        definition = target && find(target, name.text, name.span);
      }
      if (isNew) scope.set(local.text, definition);
    }
    if (use.names.length === 0) error('BF2004', 'this `use` names nothing', use.span);
  }

  /** Loads the file that a `use` leads to, unless that closes a cycle or goes too deep. */
  function follow(place: Place, use: Use, chain: readonly Place[]): Module | undefined {
    const key = keyOf(place);
    const start = chain.findIndex((other) => keyOf(other) === key);
    if (start >= 0) {
      const cycle = [...chain.slice(start), place].map(nameOf);
      error('BF2003', `files use each other in a cycle: ${cycle.join(' -> ')}`, use.from.span, {
        hint: 'move what both need into a third file',
      });
      return undefined;
    }
    if (chain.length >= LOAD_LIMITS.depth) {
      error('BF2005', `files use files more than ${LOAD_LIMITS.depth} deep`, use.from.span);
      return undefined;
    }
    return load(place, use.from.span, chain);
  }

  function placeOf(use: Use, name: string, span: Span, from: Place): Place | undefined {
    if (use.from.kind === 'file') {
      const path = resolvePath(from.path, use.from.path);
      if (!isProblem(path)) return { isStd: from.isStd, path };
      error('BF2002', `\`${use.from.path}\` ${path.problem}`, use.from.span, { hint: path.hint });
      return undefined;
    }
    const path = use.from.path.map((part) => part.text);
    if (path.length > 0) return { isStd: true, path: `${path.join('/')}.bform` };
    const file = namesOfStd().get(name);
    if (file) return { isStd: true, path: file };
    const near = suggest(name, namesOfStd().keys());
    error('BF2004', `the standard library has no \`${name}\``, span, {
      ...(near && { hint: `did you mean \`${near}\`?` }),
    });
    return undefined;
  }

  function find(target: Module, name: string, span: Span): Definition | undefined {
    const item = target.ast.items.find((other) => other.name.text === name);
    const { path } = target.file;
    if (item && name.startsWith('_')) {
      error('BF2006', `\`${name}\` is private to ${path}`, span, {
        related: [{ span: item.name.span, message: 'a name with a leading `_` stays in its file' }],
      });
      return undefined;
    }
    if (item) return { item, module: target };
    if (target.isBroken) return undefined;
    const near = suggest(
      name,
      target.ast.items.map((other) => other.name.text),
    );
    const passedOn = target.scope.has(name);
    const hint = passedOn
      ? `${path} only uses it: \`use\` it from where it is declared`
      : near && `did you mean \`${near}\`?`;
    error('BF2004', `${path} declares no \`${name}\``, span, { ...(hint && { hint }) });
    return undefined;
  }

  const entry = load({ isStd: false, path: entryPath }, undefined, []);
  if (!entry) return undefined;
  const loaded = [...modules.values()].filter((module) => module !== undefined);
  return { entry, modules: loaded, stdNames: namesOfStd };
}

/** As shown; a project may have a folder `std` of its own, so files are told apart by `keyOf`. */
const nameOf = ({ isStd, path }: Place): string => (isStd ? `std/${path}` : path);
const keyOf = ({ isStd, path }: Place): string => (isStd ? `std:${path}` : path);

/** Which file declares each name of the library, by the lines that begin a declaration: no parsing. */
function indexStd(reader: SourceReader): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const path of reader.listStd()) {
    const text = reader.readStd(path) ?? '';
    for (const [, name] of text.matchAll(/^(?:layer|order|block|model)[ \t]+(\w+)/gm)) {
      if (!names.has(name!)) names.set(name!, path);
    }
  }
  return names;
}
