// One report as the parts of the page see it: its tree of layers, and where each of them stands.
import { allNodes, type LayerNode, layerTree } from '../layer-tree.ts';
import type { ModelReport } from '../model-report.ts';

export interface View {
  /** Of the report in the page. */
  readonly number: number;
  readonly report: ModelReport;
  readonly root: LayerNode;
  /** Each at its own index. */
  readonly nodes: readonly LayerNode[];
  /** The layer of a path, with what is inside. */
  readonly layerAt: (path: string) => LayerNode | undefined;
  /** The leaf of a row's path. */
  readonly leafAt: (path: string) => LayerNode | undefined;
}

export function viewOf(report: ModelReport, number: number): View {
  const root = layerTree(report);
  const nodes = allNodes(root);
  // A layer's own work has its path, and comes after it.
  const layers = new Map([...nodes].reverse().map((node) => [node.path, node]));
  const leaves = new Map(nodes.flatMap((node) => (node.isLeaf ? [[node.path, node]] : [])));
  return {
    number,
    report,
    root,
    nodes,
    layerAt: (path) => layers.get(path),
    leafAt: (path) => leaves.get(path),
  };
}

/** Of the row of a layer in the table; one in the page. */
export const rowId = ({ number }: View, { index }: LayerNode): string => `layer-${number}-${index}`;

/** `blocks × 8`. */
export const shownName = ({ name, turns }: LayerNode): string =>
  turns > 1 ? `${name} × ${turns}` : name;

/** Models of one name are told apart by their places. */
export function titlesOf(views: readonly View[]): string[] {
  const names = views.map(({ report }) => report.cost.model);
  return views.map(({ report }, at) =>
    names.filter((name) => name === names[at]).length > 1 ? report.place : names[at]!,
  );
}
