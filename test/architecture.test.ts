// The rules of docs/architecture.md that a machine can hold: layers, no cycles, what each part may import.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

interface Import {
  readonly target: string;
  /** `import type` is erased: it ties no modules together at run time. */
  readonly typeOnly: boolean;
}

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesOf(path);
    return path.endsWith('.ts') && !path.endsWith('.d.ts') ? [path] : [];
  });
}

function importsOf(path: string): Import[] {
  const text = readFileSync(join(root, path), 'utf8').replace(/^\s*(\/\/|\*).*$/gm, '');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return Array.from(statements, ([, type, from, dynamic]) => {
    const name = from ?? dynamic!;
    const target = name.startsWith('.') ? posix.join(posix.dirname(path), name) : name;
    return { target, typeOnly: type !== undefined };
  });
}

const sources = ['grammar', 'compiler', 'runtime', 'cli'].flatMap(sourcesOf);
const graph = new Map(sources.map((path) => [path, importsOf(path)]));

/** Every import that the rule refuses, as `from -> target`. */
const offenders = (folder: string, refuses: (target: string, from: string) => boolean): string[] =>
  sources
    .filter((path) => path.startsWith(folder))
    .flatMap((from) =>
      graph
        .get(from)!
        .flatMap(({ target }) => (refuses(target, from) ? [`${from} -> ${target}`] : [])),
    );

describe('the architecture', () => {
  it('is seen by this test: the import graph is not empty', () => {
    expect(graph.get('runtime/session.ts')!.map(({ target }) => target)).toContain(
      'runtime/arena.ts',
    );
    expect(graph.get('runtime/device-node.ts')!.map(({ target }) => target)).toContain('webgpu');
    expect(sources.length).toBeGreaterThan(50);
  });

  it('has no import cycles', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      state.set(path, 'open');
      for (const { target, typeOnly } of graph.get(path) ?? [])
        if (!typeOnly && graph.has(target)) visit(target, [...trail, path]);
      state.set(path, 'done');
    };
    for (const path of sources) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('keeps the layers of the compiler: a stage imports only stages below it', () => {
    const layers = [
      ['compiler/source.ts', 'compiler/invariant.ts', 'compiler/resolve-path.ts'],
      ['compiler/shapes/', 'compiler/diagnostics/', 'compiler/ops/'],
      ['compiler/ast/', 'grammar/', 'compiler/modules.ts'],
      ['compiler/model/'],
      ['compiler/graph/'],
      ['compiler/cost/', 'compiler/reference/', 'compiler/export/'],
      ['compiler/schedule/'],
      ['compiler/wgsl/', 'compiler/report/'],
      ['compiler/bundle/'],
      ['compiler/compile.ts', 'compiler/explain.ts', 'compiler/index.ts'],
      ['cli/'],
    ];
    // A stage may be asked for its types by the stage before it, but not for its functions.
    const rank = (path: string) =>
      layers.findIndex((layer) => layer.some((part) => path.startsWith(part)));
    const upward = sources.flatMap((from) =>
      graph
        .get(from)!
        .filter(
          ({ target, typeOnly }) => !typeOnly && graph.has(target) && rank(target) > rank(from),
        )
        .filter(() => rank(from) >= 0)
        .map(({ target }) => `${from} -> ${target}`),
    );
    expect(upward).toEqual([]);
    expect(sources.filter((path) => rank(path) < 0 && !path.startsWith('runtime/'))).toEqual([]);
  });

  it('keeps the compiler and the grammar pure: no Node, no device', () => {
    const impure = (target: string) =>
      target.startsWith('node:') || target === 'webgpu' || target.startsWith('cli/');
    expect(offenders('compiler/', impure)).toEqual([]);
    expect(offenders('grammar/', impure)).toEqual([]);
  });

  it('imports the parser library in one place, of which the build makes one file', () => {
    const importing = sources.filter((path) =>
      graph.get(path)!.some(({ target, typeOnly }) => target === 'chevrotain' && !typeOnly),
    );
    expect(importing).toEqual(['grammar/chevrotain.ts']);
  });

  it('keeps the runtime apart from the compiler', () => {
    const foreign = (target: string) => /^(compiler|grammar|cli)\//.test(target);
    expect(offenders('runtime/', foreign)).toEqual([]);
  });

  it('lets only the Node side of the runtime use Node', () => {
    const isNodeSide = (path: string) =>
      path.endsWith('-node.ts') || path.startsWith('runtime/node/') || path === 'runtime/index.ts';
    const usesNode = (target: string, from: string) =>
      !isNodeSide(from) &&
      (target.startsWith('node:') || target === 'webgpu' || isNodeSide(target));
    expect(offenders('runtime/', usesNode)).toEqual([]);
  });
});
