// The table of all layers: the columns of every other format, rows that fold and sort, the exact figure and how it comes about
// on each cell.
import { cellText } from '../cells.ts';
import { type Column, columnsFor } from '../columns.ts';
import type { LayerNode } from '../layer-tree.ts';
import { totalOf } from '../rows.ts';
import { parentsOf } from './icicle.ts';
import { html, type Markup } from './markup.ts';
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

export function layerTable(view: View): Markup {
  const { report, number } = view;
  const columns = tableColumns(view);
  const parents = parentsOf(view.nodes);
  const depth = Math.max(...view.nodes.map((node) => node.depth));
  const total = totalOf(report);
  return html`<section class="layers"><h2>Layers</h2>
<div class="tools script"><label>Filter <input type="search" class="filter" placeholder="attention, ffn, blocks.*.a" aria-label="Layers whose path, name or kind has this text"></label>
<label>Depth <select class="depth">${range(1, depth).map(
    (one) =>
      html`<option value="${one}"${one === depth && html` selected`}>${one === depth ? 'all' : one}</option>`,
  )}</select></label>
<label><input type="checkbox" class="all-columns"> All columns</label><span class="count" role="status"></span></div>
<div class="scroll" role="region" aria-label="Table of layers" tabindex="0"><table id="table-${number}">
<thead><tr><th scope="col" class="name" aria-sort="none"><button type="button" title="In the order in which they run.">layer of the model</button></th>${columns.map(
    (column) => head(column),
  )}</tr></thead>
<tbody>${view.nodes.slice(1).map((node) => row(view, node, columns, parents[node.index]!))}</tbody>
<tfoot><tr><th scope="row">total</th>${columns.map((column) => {
    const cell = column.of(total, report.cost);
    return html`<td${classed(column)} title="${cellText(cell, 'exact')}">${cellText(cell, 'short')}</td>`;
  })}</tr></tfoot></table></div></section>`;
}

/** The columns after the path; activated parameters are main only where they differ. */
export const tableColumns = ({ report: { cost, times } }: View): Column[] =>
  columnsFor(cost, times).filter(({ id }) => id !== 'path');

const isText = (column: Column): boolean =>
  ['layer', 'operation', 'output_shape', 'bound'].includes(column.id);

const classOf = (column: Column): string =>
  [isText(column) ? 't' : '', MAIN.has(column.id) ? '' : 'm'].join(' ').trim();

/** As an attribute: most cells have none, and there are many. */
const classed = (column: Column): Markup | undefined => {
  const classes = classOf(column);
  return classes === '' ? undefined : html` class="${classes}"`;
};

const head = (column: Column): Markup =>
  html`<th scope="col"${classed(column)} aria-sort="none" data-c="${column.id}"><button type="button" title="${column.says}">${column.title}</button></th>`;

function row(view: View, node: LayerNode, columns: readonly Column[], parent: number): Markup {
  const { index, depth, path, isLeaf, kind, part } = node;
  const layer = part?.layer ?? '';
  return html`<tr id="${rowId(view, node)}" data-n="${index}" data-p="${parent}" class="${isLeaf ? 'leaf' : 'branch'}"><th scope="row" style="--depth:${depth - 1}">${
    !isLeaf &&
    html`<button type="button" class="fold" aria-expanded="true" aria-label="What is in ${node.name}"></button>`
  }<span class="swatch ${kind}"></span><a href="#${rowId(view, node)}" title="${path}">${shownName(node)}</a>${
    layer !== '' && layer !== node.name && html` <span class="quiet">${layer}</span>`
  }</th>${columns.map((column) => cell(view, node, column))}</tr>`;
}

function cell(view: View, node: LayerNode, column: Column): Markup {
  const found = column.of(node.row, view.report.cost);
  const short = cellText(found, 'short');
  const [exact, origin] = [cellText(found, 'exact'), originOf(view.report, node, column.id)];
  const title = origin !== undefined ? `${exact}\n${origin}` : exact === short ? '' : exact;
  return html`<td${classed(column)}${title !== '' && html` title="${title}"`}>${short}</td>`;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
