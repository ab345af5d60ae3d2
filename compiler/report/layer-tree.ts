// The rows of a cost report as a tree, by the layers that they stand in: what can be folded, drawn as nested areas and added up.
// The leaves are the rows; a layer that has layers inside and does work of its own has a leaf for that work, first.
// Layers without any weight, work or byte are left out.

import type { Op } from '../ops/op.ts';
import type { ReportRow } from './columns.ts';
import { type LayerKind, layerKinds } from './layer-kinds.ts';
import type { ModelReport } from './model-report.ts';
import { rowsOf, together, totalOf } from './rows.ts';
import type { Part } from './structure.ts';

export interface LayerNode {
  /** Place in the tree, parents before their children. */
  readonly index: number;
  readonly depth: number;
  /** `blocks`, `a`, `wq`; for a layer's own work what does it. */
  readonly name: string;
  /** As in the rows; of a leaf that is the work of a layer with layers inside, that layer's. */
  readonly path: string;
  /** `undefined` for a layer's own work, and for weights that no layer of the structure owns. */
  readonly part: Part | undefined;
  /** Of the sub-layer that it stands in. */
  readonly kind: LayerKind;
  /** Turns of the repeat that it is; 1 for all others. */
  readonly turns: number;
  /** True for the rows of the report. */
  readonly isLeaf: boolean;
  /** Of a leaf its own, else of all leaves in it together. */
  readonly row: ReportRow;
  readonly children: readonly LayerNode[];
}

type Unnumbered = Omit<LayerNode, 'index' | 'children'> & {
  readonly children: readonly Unnumbered[];
};

type Place = Pick<LayerNode, 'path' | 'name' | 'depth' | 'kind' | 'part' | 'turns'>;

/** The tree; its root is the model. */
export function layerTree(report: ModelReport): LayerNode {
  const kindOf = layerKinds(report.cost);
  const all = rowsOf(report);
  const rows = new Map(all.map((row) => [row.path, row]));
  const wirings = new Map(report.cost.rows.map(({ path, layer }) => [path, layer]));
  const strays = straysOf(all, report.structure);

  /** A wiring that was written into a block does its own work, else the operation says what it is. */
  const ownName = ({ path, layer, operation }: ReportRow): string => {
    const wiring = wirings.get(path) ?? '';
    return wiring !== '' && wiring !== layer ? wiring : OWN_WORK[operation ?? 'weight'];
  };

  const leaf = (place: Place, row: ReportRow): Unnumbered => ({
    ...place,
    isLeaf: true,
    row,
    children: [],
  });

  function nodeOf(place: Place, parts: readonly Part[]): Unnumbered | undefined {
    const { path, kind } = place;
    const own = rows.get(path);
    const sort: LayerKind = kind === 'group' ? 'other' : kind;
    const inner = { kind: sort, depth: place.depth + 1, part: undefined, turns: 1 };
    const inside = [
      ...parts.map((one) => partNode(one, place)),
      ...(strays.get(path) ?? []).map((row) =>
        leaf({ ...inner, path: row.path, name: nameIn(row.path, path) }, row),
      ),
    ].filter((node) => node !== undefined);
    if (inside.length === 0) return own && leaf(place, own);
    const children = own ? [leaf({ ...inner, path, name: ownName(own) }, own), ...inside] : inside;
    const row = children.map((child) => child.row).reduce(together);
    return { ...place, isLeaf: false, row: { ...row, path, ...UNSUMMED }, children };
  }

  function partNode(part: Part, outer: Place): Unnumbered | undefined {
    const place = {
      path: part.path,
      name: nameIn(part.path, outer.path),
      depth: outer.depth + 1,
      kind: outer.kind === 'group' ? kindOf(part) : outer.kind,
      part,
      turns: 1,
    };
    if (part.kind !== 'repeat') return nodeOf(place, part.parts);
    // What a repeat does itself has a turn in its path, and a repeat of one block or layer is that.
    const [path, [only, ...more]] = [turnOf(part), part.parts];
    const repeated = { ...place, path, turns: part.count };
    if (only?.path !== path || more.length > 0) return nodeOf(repeated, part.parts);
    const kind = outer.kind === 'group' ? kindOf(only) : outer.kind;
    return nodeOf({ ...repeated, kind, part: only }, only.parts);
  }

  const root: Place = {
    path: '',
    name: report.cost.model,
    depth: 0,
    kind: 'group',
    part: undefined,
    turns: 1,
  };
  const tree = nodeOf(root, report.structure);
  return numbered(tree ?? leaf(root, totalOf(report)));
}

function numbered(tree: Unnumbered): LayerNode {
  let next = 0;
  const number = (node: Unnumbered): LayerNode => ({
    ...node,
    index: next++,
    children: node.children.map(number),
  });
  return number(tree);
}

/** A layer's own work, besides that of the layers in it. */
const OWN_WORK: Readonly<Record<Op['kind'], string>> = {
  input: 'inputs',
  weight: 'weights',
  const: 'constants',
  size: 'sizes',
  iota: 'numbering',
  unary: 'arithmetic',
  binary: 'arithmetic',
  select: 'selection',
  cast: 'conversion',
  reduce: 'sums',
  cumsum: 'running sums',
  dot: 'product',
  attend: 'attend',
  gather: 'look-up',
  reshape: 'copies',
  transpose: 'copies',
  broadcast: 'copies',
  slice: 'copies',
  pad: 'copies',
  concat: 'copies',
  top_k: 'choice',
  group: 'grouping',
  turns: 'turns',
  segment_sum: 'sums of groups',
  repeat: 'repeat',
  state: 'states',
  append: 'copies',
};

/** Rows that are no part's, such as weights of a score inside of attention, by the path of the part that they stand in. */
function straysOf(
  rows: readonly ReportRow[],
  structure: readonly Part[],
): Map<string, ReportRow[]> {
  const paths = new Set(['', ...pathsOf(structure)]);
  const strays = new Map<string, ReportRow[]>();
  for (const row of rows) {
    if (paths.has(row.path)) continue;
    let holder = row.path;
    while (!paths.has(holder)) holder = holder.slice(0, Math.max(0, holder.lastIndexOf('.')));
    strays.set(holder, [...(strays.get(holder) ?? []), row]);
  }
  return strays;
}

const pathsOf = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => [
    part.kind === 'repeat' ? turnOf(part) : part.path,
    ...pathsOf(part.parts),
  ]);

const turnOf = ({ path }: Part): string => `${path}.*`;

/** A path without the steps that it shares with the one around. */
function nameIn(path: string, around: string): string {
  const [steps, outer] = [path.split('.'), around.split('.')];
  const first = steps.findIndex((step, at) => step !== outer[at]);
  return steps.slice(Math.max(0, first)).join('.');
}

/** The nodes of a tree, parents before their children: each at its own index. */
export const allNodes = (node: LayerNode): LayerNode[] => [
  node,
  ...node.children.flatMap(allNodes),
];

/** What says something of one row only. */
const UNSUMMED = { layer: '', operation: undefined, output: undefined, count: undefined } as const;
