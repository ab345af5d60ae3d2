// The table of all layers: the columns of every other format, rows that fold and sort, the exact figure and how it comes about
// on each cell.
import type { CostReport } from '../../cost/count-cost.ts';
import { cellText } from '../cells.ts';
import { type Column, columnsFor } from '../columns.ts';
import type { LayerNode } from '../layer-tree.ts';
import { totalOf } from '../rows.ts';
import { html, type Markup, verbatim } from './markup.ts';
import { originOf } from './origins.ts';
import { rowId, shownName, type View } from './view.ts';

/** Shown at first, and in print; the others are a click away. */
const MAIN = new Set([
  'output_shape',
  'params',
  'activated',
  'flops',
  'share',
  'bytes_moved',
  'intensity',
  'bound',
  'predicted_ms',
]);

export function layerTable(view: View, asked: number | undefined): Markup {
  const { report, number } = view;
  const columns = tableColumns(view);
  const depth = Math.max(...view.nodes.map((node) => node.depth));
  const total = totalOf(report);
  return html`<section class="layers"><h2>Layers</h2>
<div class="tools script"><label>Filter <input type="search" class="filter" placeholder="attention, ffn, blocks.*.a" aria-label="Layers whose path, name or kind has this text"></label>
<label>Depth <select class="depth"${asked !== undefined && html` data-asked="${Math.min(asked, depth)}"`}>${range(
    1,
    depth,
  ).map(
    (one) =>
      html`<option value="${one}"${one === depth && html` selected`}>${one === depth ? 'all' : one}</option>`,
  )}</select></label>
<label><input type="checkbox" class="all-columns"> All columns</label><span class="count" role="status"></span></div>
${columnStyles(`table-${number}`, columns, report.cost)}<div class="scroll" role="region" aria-label="Table of layers" tabindex="0"><table id="table-${number}">
<thead><tr><th scope="col" class="name" aria-sort="none"><button type="button" title="In the order in which they run.">layer of the model</button></th>${columns.map(
    (column) => head(column),
  )}</tr></thead>
<tbody>${view.nodes.slice(1).map((node) => row(view, node, columns))}</tbody>
<tfoot><tr><th scope="row">total</th>${columns.map((column) => {
    const cell = column.of(total, report.cost);
    return html`<td title="${cellText(cell, 'exact')}">${cellText(cell, 'short')}</td>`;
  })}</tr></tfoot></table></div></section>`;
}

/** The columns after the path. */
export const tableColumns = ({ report: { cost, times } }: View): Column[] =>
  columnsFor(cost, times).filter(({ id }) => id !== 'path');

const TEXTS: ReadonlySet<string> = new Set(['layer', 'operation', 'output_shape', 'bound']);

/** By their places, because a class on every cell would double the table. */
function columnStyles(id: string, columns: readonly Column[], { params }: CostReport): Markup {
  const places = (holds: (column: Column) => boolean): string =>
    columns.flatMap((column, at) => (holds(column) ? [`:nth-child(${at + 2})`] : [])).join();
  const isSame = params.activated === params.total;
  const isMore = ({ id }: Column) => !MAIN.has(id) || (id === 'activated' && isSame);
  return html`<style>${verbatim(
    `#${id} tr>:is(${places((column) => TEXTS.has(column.id))}){text-align:left}
#${id}:not(.wide) tr>:is(${places(isMore)}){display:none}`,
  )}</style>`;
}

const head = (column: Column): Markup =>
  html`<th scope="col" aria-sort="none" data-c="${column.id}"><button type="button" title="${column.says}">${column.title}</button></th>`;

function row(view: View, node: LayerNode, columns: readonly Column[]): Markup {
  const { index, depth, path, isLeaf, kind, part } = node;
  const layer = part?.layer ?? '';
  return html`<tr id="${rowId(view, node)}" data-n="${index}" class="${isLeaf ? 'leaf' : 'branch'}"><th scope="row" style="--depth:${depth - 1}">${
    !isLeaf &&
    html`<button type="button" class="fold" aria-expanded="true" aria-label="What is in ${node.name}"></button>`
  }<span class="swatch ${kind}"></span><a href="#${rowId(view, node)}" title="${path}">${shownName(node)}</a>${
    layer !== '' && layer !== node.name && html` <span class="quiet">${layer}</span>`
  }</th>${columns.map((column) => cell(view, node, column))}</tr>`;
}

function cell(view: View, node: LayerNode, column: Column): Markup {
  const found = column.of(node.row, view.report.cost);
  const [short, exact] = [cellText(found, 'short'), cellText(found, 'exact')];
  if (!('value' in found) || Number(found.value) === 0) return html`<td>${short}</td>`;
  const figure = found.kind === 'bytes' ? `${exact} bytes` : exact;
  const origin = originOf(view.report, node, column.id);
  const title = origin !== undefined ? `${figure}\n${origin}` : figure === short ? '' : figure;
  return html`<td${title !== '' && html` title="${title}"`}>${short}</td>`;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
