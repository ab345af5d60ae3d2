// The block diagram: the layers in the order in which they run, coloured by what they compute; repeats and blocks as frames,
// residuals as lines around what they go past. Below it, what the sub-layers are made of, each once.
import { unreachable } from '../../invariant.ts';
import type { Flow } from '../flow.ts';
import { LAYER_KINDS, type LayerKind } from '../layer-kinds.ts';
import type { LayerNode } from '../layer-tree.ts';
import { byteText, compact, grouped, percent } from '../quantities.ts';
import type { Part } from '../structure.ts';
import { html, type Markup } from './markup.ts';

import { rowId, shownName, type View } from './view.ts';

export const KIND_NAMES: Readonly<Record<LayerKind, string>> = {
  attention: 'attention',
  dense: 'dense',
  experts: 'experts',
  embedding: 'vocabulary',
  norm: 'norm',
  other: 'other',
  group: 'group',
};

export function diagram(view: View): Markup {
  const { flow, structure } = view.report;
  const inside = distinctLayers(view, structure);
  return html`<section class="diagram"><h2>Order of layers</h2>
${legend(view)}
<div class="flow outer" role="group" aria-label="The layers in the order in which they run">${flowMarkup(view, flow, structure, 'model')}</div>
<p class="note">Under each layer stands its share of all FLOPs. A line around layers is a value that goes past them.</p>
${
  inside.length > 0 &&
  html`<h3>Inside the layers</h3>
<div class="insides">${inside.map((part) => insideOf(view, part))}</div>`
}</section>`;
}

export function legend({ nodes }: View): Markup {
  const shown = LAYER_KINDS.filter(
    (kind) => kind !== 'group' && nodes.some((node) => node.kind === kind),
  );
  return html`<ul class="legend" aria-label="Colours">${shown.map(
    (kind) => html`<li><span class="swatch ${kind}"></span>${KIND_NAMES[kind]}</li>`,
  )}</ul>`;
}

/** Of the model's own flow, or of what is inside one layer. */
type Level = 'model' | 'inside';

function flowMarkup(view: View, flow: Flow, parts: readonly Part[], level: Level): Markup {
  switch (flow.kind) {
    case 'part':
      return partMarkup(view, parts[flow.index]!, level);
    case 'join':
      return joinMarkup(flow.operation);
    case 'series':
      return html`<span class="series">${withJoins(flow.items).map((items) => unit(view, items, parts, level))}</span>`;
    case 'parallel':
      return unit(view, [flow], parts, level);
    default:
      return unreachable(flow, 'report');
  }
}

/** What stays on one line: a part, or parallels with what joins them. */
function unit(view: View, items: readonly Flow[], parts: readonly Part[], level: Level): Markup {
  const [first, ...joins] = items;
  if (first?.kind !== 'parallel' && joins.length === 0)
    return flowMarkup(view, first!, parts, level);
  const isSkipped = first?.kind === 'parallel' && first.skip;
  return html`<span class="unit${isSkipped && (joins.length > 0 ? ' skipped joined' : ' skipped')}">${items.map(
    (item) =>
      item.kind === 'parallel'
        ? ways(view, item.branches, parts, level)
        : flowMarkup(view, item, parts, level),
  )}</span>`;
}

const ways = (view: View, flows: readonly Flow[], parts: readonly Part[], level: Level): Markup =>
  html`<span class="parallel${flows.length > 1 && ' forked'}">${flows.map(
    (flow) => html`<span class="way">${flowMarkup(view, flow, parts, level)}</span>`,
  )}</span>`;

/** Each item with the joins that follow it. */
function withJoins(items: readonly Flow[]): Flow[][] {
  const groups: Flow[][] = [];
  for (const item of items) {
    if (item.kind === 'join' && groups.length > 0) groups.at(-1)!.push(item);
    else groups.push([item]);
  }
  return groups;
}

const SIGNS: Readonly<Record<string, string>> = { add: '+', mul: '×', sub: '−', div: '÷' };

function joinMarkup(operation: string): Markup {
  const sign = SIGNS[operation];
  return sign
    ? html`<span class="join" title="${operation}"><b>${sign}</b></span>`
    : html`<span class="join word"><b>${operation}</b></span>`;
}

function partMarkup(view: View, part: Part, level: Level): Markup {
  const node = view.layerAt(part.kind === 'repeat' ? `${part.path}.*` : part.path);
  const [only, ...more] = part.parts;
  if (part.kind === 'repeat' && only && more.length === 0 && node?.part === only)
    return frame(view, node, only, node.turns, level);
  const isFrame = part.kind === 'experts' || (node ? node.kind === 'group' : part.kind !== 'layer');
  if (isFrame && part.parts.length > 0 && node) return frame(view, node, part, part.count, level);
  return node ? box(view, node, part, level) : html`<span class="box none">${part.layer}</span>`;
}

function frame(view: View, node: LayerNode, part: Part, times: number, level: Level): Markup {
  if (part.parts.length === 0) return box(view, node, part, level);
  const label = part.kind === 'experts' ? `one of ${grouped(times)}` : node.name;
  const isRepeat = times > 1 && part.kind !== 'experts';
  return html`<span class="frame"><span><a class="caption" href="#${rowId(view, node)}" data-n="${node.index}" title="${titleOf(view, node)}">${label}${
    isRepeat && html` <b>× ${grouped(times)}</b>`
  }${part.layer !== '' && part.layer !== node.name && html` <i>${part.layer}</i>`}</a><span class="flow">${flowMarkup(view, part.flow, part.parts, level)}</span></span></span>`;
}

function box(view: View, node: LayerNode, part: Part, level: Level): Markup {
  const isSlim = level === 'model' && node.kind === 'norm';
  const share = node.row.share > 0 ? percent(node.row.share) : '';
  return html`<span class="cell"><a class="box ${node.kind}${isSlim && ' slim'}" href="#${rowId(view, node)}" data-n="${node.index}" title="${titleOf(view, node)}"${
    isSlim && html` aria-label="${node.name}"`
  }>${!isSlim && html`<b>${shownName(node)}</b>${part.layer !== node.name && html`<i>${part.layer}</i>`}`}</a>${
    level === 'model' && html`<small>${!isSlim && share}</small>`
  }</span>`;
}

/** What a layer is, on lines of their own. */
export function titleOf(view: View, { path, part, turns, row }: LayerNode): string {
  const output = view.leafAt(path)?.row.output;
  return [
    path || view.report.cost.model,
    part && (part.args === '' ? part.layer : `${part.layer}(${part.args})`),
    turns > 1 && `${grouped(turns)} turns`,
    output && `gives ${output.dtype}[${output.shape.join(', ')}]`,
    `${grouped(row.params)} parameters`,
    row.work.macs > 0n &&
      `${compact(2n * row.work.macs)} FLOPs = 2 × ${grouped(row.work.macs)} MACs`,
    row.work.elementwise > 0n && `${compact(row.work.elementwise)} elementwise operations`,
    `${byteText(row.moved)} moved`,
  ]
    .filter((line) => line !== undefined && line !== false && line !== '')
    .join('\n');
}

/** Sub-layers with layers inside, each once, however often it stands in the model. */
function distinctLayers(view: View, parts: readonly Part[]): Part[] {
  const seen = new Map<string, Part>();
  const visit = (part: Part): void => {
    const node = view.layerAt(part.path);
    if (part.kind === 'repeat' || part.kind === 'block' || node?.kind === 'group')
      for (const inner of part.parts) visit(inner);
    else if (part.flow.kind !== 'part' && part.parts.length > 1) {
      const key = `${part.layer}(${part.args})`;
      if (node && !seen.has(key)) seen.set(key, part);
    }
  };
  for (const part of parts) visit(part);
  return [...seen.values()];
}

function insideOf(view: View, part: Part): Markup {
  const node = view.layerAt(part.path)!;
  return html`<div class="inside"><p><b class="${node.kind}">${node.name}</b> <code>${part.layer}${part.args !== '' && html`(${part.args})`}</code></p>
<div class="flow" role="group" aria-label="Inside ${node.name}">${flowMarkup(view, part.flow, part.parts, 'inside')}</div></div>`;
}
