// Where the cost sits: bars of each metric by kind of layer, and the layers as nested areas for one of them at a time.
import { LAYER_KINDS, type LayerKind } from '../layer-kinds.ts';
import type { LayerNode } from '../layer-tree.ts';
import { percent } from '../quantities.ts';
import { KIND_NAMES } from './diagram.ts';
import { icicleLabel, layoutIcicle } from './icicle-layout.ts';
import { html, type Markup } from './markup.ts';
import { amount, full, type Metric, metricsOf, short } from './metrics.ts';

import { shownName, type View } from './view.ts';

/** Pixels; the width is a guess that the script replaces. */
const ROW = 28;
const WIDTH = 900;

export function icicle(view: View): Markup {
  const metrics = metricsOf(view.report);
  const first = metrics.find(({ key }) => key === 'flops')!;
  return html`<section class="cost"><h2>Where the cost sits</h2>
<div class="bars" role="radiogroup" aria-label="What the areas below show">${metrics.map((metric) => bar(view, metric, metric === first))}</div>
${areas(view, first)}
<p class="note">Each layer is as wide as its part of <span class="metric">${first.label}</span>. <span class="script">Enter or a click on a layer makes it as wide as all, Escape goes back, arrow keys move.</span></p></section>`;
}

function bar(view: View, metric: Metric, isFirst: boolean): Markup {
  const { row } = view.root;
  const total = amount(metric, row);
  const segments = LAYER_KINDS.flatMap((kind) => {
    const leaves = view.nodes.filter((node) => node.isLeaf && node.kind === kind);
    const value = leaves.reduce((sum, leaf) => sum + amount(metric, leaf.row), 0);
    return value > 0 ? [{ kind, share: value / total }] : [];
  });
  return html`<label class="bar"><input type="radio" name="metric-${view.number}" value="${metric.key}"${isFirst && html` checked`}><span class="label">${metric.label}</span><span class="figure" title="${full(metric, row)}">${short(metric, row)}</span><span class="track">${segments.map(
    ({ kind, share }) =>
      html`<span class="${kind}" style="width:${hundredths(share)}%" title="${KIND_NAMES[kind]}: ${percent(share)}">${segmentLabel(kind, share)}</span>`,
  )}</span></label>`;
}

/** Pixels of the bars, at least, and of a letter. */
const [TRACK, LETTER] = [480, 6.4];

function segmentLabel(kind: LayerKind, share: number): Markup | undefined {
  const [name, both] = [KIND_NAMES[kind], `${KIND_NAMES[kind]} ${percent(share)}`];
  const fits = [both, name].find((text) => text.length * LETTER + 12 < share * TRACK);
  return fits === undefined ? undefined : html`<span>${fits}</span>`;
}

function areas(view: View, metric: Metric): Markup {
  const values = view.nodes.map(({ row }) => amount(metric, row));
  const laid = layoutIcicle({ parents: parentsOf(view.nodes), values }, 0);
  const rows = Math.max(...laid.map(({ row }) => row)) + 1;
  return html`<svg class="icicle" role="tree" aria-label="Layers by ${metric.label}" width="100%" height="${rows * ROW}">${view.nodes.map(
    (node, at) => {
      const { left, width, row } = laid[at]!;
      const label = icicleLabel(shownName(node), short(metric, node.row), width * WIDTH);
      return html`<svg class="area" role="treeitem" aria-level="${row + 1}" tabindex="${at === 0 ? 0 : -1}" data-n="${at}" aria-label="${shownName(node)}, ${short(metric, node.row)}" x="${hundredths(left)}%" y="${row * ROW}" width="${hundredths(width)}%" height="${ROW}"${width === 0 && html` display="none"`}><title>${areaTitle(view, node)}</title><rect class="${node.kind}${node.isLeaf && ' leaf'}" width="100%" height="${ROW - 2}"/><text x="6" y="18" aria-hidden="true">${label}</text></svg>`;
    },
  )}</svg>`;
}

/** The layer and all that its area can show. */
const areaTitle = ({ report }: View, { path, row }: LayerNode): string =>
  [
    path || report.cost.model,
    ...metricsOf(report).map((metric) => `${metric.label}: ${short(metric, row)}`),
  ].join('\n');

/** The parent of each node, by index; -1 for the root. */
export function parentsOf(nodes: readonly LayerNode[]): number[] {
  const parents = nodes.map(() => -1);
  for (const { index, children } of nodes)
    for (const child of children) parents[child.index] = index;
  return parents;
}

const hundredths = (share: number): string => String(Math.round(share * 10_000) / 100);
