// What changed from one model to another, as a list: the structure, then each layer's shape, parameters, FLOPs and bytes,
// then the figures of the whole. Layers are the same where their paths are.
import { diffArrays } from 'diff';
import { cellText, shortFigure } from './cells.ts';
import { COLUMNS, type ReportRow } from './columns.ts';
import { figuresOf } from './figures.ts';
import type { ModelReport } from './model-report.ts';
import { rowsOf } from './rows.ts';
import type { Part } from './structure.ts';

export interface Change {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** After divided by before, where both are numbers above zero. */
  readonly ratio?: number;
}

export interface LayerChange {
  readonly path: string;
  readonly layer: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly changes: readonly Change[];
}

export interface ModelDiff {
  readonly models: readonly [before: string, after: string];
  /** True where both mean the same, whatever their names and their spelling. */
  readonly same: boolean;
  /** The tree of layers, line by line. */
  readonly structure: readonly {
    readonly kind: 'kept' | 'added' | 'removed';
    readonly line: string;
  }[];
  readonly layers: readonly LayerChange[];
  readonly figures: readonly Change[];
}

/** `depth`: how deep in the tree of layers the comparison goes; all of it where absent. */
export function diffModels(before: ModelReport, after: ModelReport, depth?: number): ModelDiff {
  return {
    models: [before.place, after.place],
    same: before.hash === after.hash,
    structure: diffLines(treeLines(before.structure, depth), treeLines(after.structure, depth)),
    layers: diffLayers(before, after, depth),
    figures: diffFigures(before, after),
  };
}

function diffLines(before: string[], after: string[]): ModelDiff['structure'] {
  return diffArrays(before, after).flatMap(({ added, removed, value }) => {
    const kind = added ? 'added' : removed ? 'removed' : 'kept';
    return value.map((line) => ({ kind, line }) as const);
  });
}

/** `  a: attention(heads: 4)`; a repeat is a line with what it repeats below it. */
function treeLines(
  parts: readonly Part[],
  depth: number = Number.POSITIVE_INFINITY,
  indent = '',
): string[] {
  if (depth < 1) return [];
  return parts.flatMap(({ kind, path, layer, args, count, parts: inner }) => {
    const name = path
      .split(/\.(?!\*)/)
      .at(-1)!
      .replace(/\.\*$/, '');
    const what =
      kind === 'repeat'
        ? `${name || 'repeat'}: ${count} times`
        : `${name}: ${kind === 'experts' ? `${count} experts, each ` : ''}${layer}${args && `(${args})`}`;
    // A repeat and the block in it are one level of the tree.
    const left = kind === 'repeat' ? depth : depth - 1;
    return [indent + what, ...treeLines(inner, left, `${indent}  `)];
  });
}

const COMPARED = new Set([
  'layer',
  'times',
  'output_shape',
  'params',
  'activated',
  'flops',
  'elementwise',
  'activation_bytes',
  'cache_bytes_per_token',
  'bytes_moved',
  'predicted_ms',
]);

function diffLayers(
  before: ModelReport,
  after: ModelReport,
  depth: number | undefined,
): LayerChange[] {
  const rows = [before, after].map(
    (report) => new Map(rowsOf(report, depth).map((row) => [row.path, row])),
  ) as [Map<string, ReportRow>, Map<string, ReportRow>];
  const paths = diffArrays([...rows[0].keys()], [...rows[1].keys()]).flatMap(({ value }) => value);
  return [...new Set(paths)].flatMap((path) => {
    const [old, now] = [rows[0].get(path), rows[1].get(path)];
    const kind = !old ? 'added' : !now ? 'removed' : 'changed';
    const changes = COLUMNS.filter(({ id }) => COMPARED.has(id)).flatMap((column): Change[] => {
      const cells = [old && column.of(old, before.cost), now && column.of(now, after.cost)];
      const [a, b] = cells.map((cell) => (cell ? cellText(cell, 'short') : ''));
      const exact = cells.map((cell) => (cell && 'value' in cell ? cell.value : a));
      if (kind !== 'changed' && column.id === 'layer') return [];
      const same = a === b && (exact[0] === exact[1] || typeof exact[0] === 'string');
      if (same || (kind !== 'changed' && isNothing(kind === 'added' ? b! : a!))) return [];
      const [x, y] = cells.map((cell) => (cell && 'value' in cell ? Number(cell.value) : 0));
      return [change(column.title, a!, b!, x!, y!)];
    });
    return changes.length === 0 ? [] : [{ path, layer: (now ?? old)!.layer, kind, changes }];
  });
}

const isNothing = (text: string): boolean => text === '' || text === '-';

function diffFigures(before: ModelReport, after: ModelReport): Change[] {
  const [old, now] = [before, after].map(
    (report) => new Map(figuresOf(report).map((figure) => [figure.name, figure])),
  );
  return [...new Set([...old!.keys(), ...now!.keys()])].flatMap((name) => {
    const [a, b] = [old!.get(name), now!.get(name)];
    if (a?.value === b?.value) return [];
    return [
      change(
        name,
        a ? shortFigure(a) : '',
        b ? shortFigure(b) : '',
        Number(a?.value ?? 0),
        Number(b?.value ?? 0),
      ),
    ];
  });
}

const change = (what: string, before: string, after: string, x: number, y: number): Change => ({
  what,
  before,
  after,
  ...(x > 0 && y > 0 && { ratio: y / x }),
});
