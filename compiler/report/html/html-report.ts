// Reports of models as one HTML page that needs nothing else: no network, no library. Everything is there without its script,
// which folds, sorts, zooms and joins the layers of the page with their sources. Pure: gives text.
import { sha256 } from '../../wgsl/sha256.ts';
import type { ModelReport } from '../model-report.ts';
import { comparisonTable } from './comparison-table.ts';
import { diagram } from './diagram.ts';
import { icicle, parentsOf } from './icicle.ts';
import { layerTable, tableColumns } from './layer-table.ts';
import { dataBlock, html, type Markup, verbatim } from './markup.ts';
import { memoryPlot } from './memory-plot.ts';
import { amount, metricsOf, short } from './metrics.ts';
import type { PageData, ReportData } from './page-data.ts';
import { PAGE_SCRIPT } from './page-script.generated.ts';
import { rooflinePlot } from './roofline-plot.ts';
import { type Sources, sourceView } from './source-view.ts';
import { STYLES } from './styles.ts';
import { cards, conventions, head } from './summary.ts';
import { shownName, titlesOf, type View, viewOf } from './view.ts';

/** A page of one report, or of several beside each other; at least one. `depth`: to which the tables are folded at first. */
export function htmlReport(reports: readonly ModelReport[], depth?: number): string {
  const views = reports.map(viewOf);
  const sources = sourceView(views);
  const titles = titlesOf(views);
  const data: PageData = { reports: views.map((view) => reportData(view, sources)) };
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="color-scheme" content="light dark"><meta name="generator" content="bform report">
<title>${titles.join(', ')}: costs</title><link rel="icon" href="data:,"><style>${verbatim(STYLES)}</style></head>
<body>
<a class="skip-link" href="#main">To the report</a>
<header class="bar-top"><p class="brand">bform <span>report</span></p>${views.length > 1 && tabs(titles)}<div class="script theme"><button type="button" id="theme">Dark</button></div></header>
<main id="main" class="page"><div class="content">
${views.length > 1 && comparisonTable(views)}
${views.map((view) => panel(view, views.length > 1, depth))}
</div><aside class="inspector" aria-label="The selected layer and the sources"><div class="selected" aria-live="polite"><p class="quiet script">Select a layer to see its figures and the lines that make it.</p></div>
<h2>Source</h2>${sources.markup}</aside></main>
${dataBlock('data', data)}
<script>${verbatim(PAGE_SCRIPT)}</script>
</body></html>
`.markup;
}

/** Nothing is fetched or sent, and no other script runs than the page's own. */
const policy = (): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${base64(sha256(PAGE_SCRIPT))}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

function base64(hex: string): string {
  const bytes = hex.match(/../g)!.map((pair) => Number.parseInt(pair, 16));
  return btoa(String.fromCharCode(...bytes));
}

const tabs = (titles: readonly string[]): Markup =>
  html`<div class="tabs script" role="tablist" aria-label="Models">${titles.map(
    (title, at) =>
      html`<button type="button" role="tab" id="tab-${at}" aria-controls="panel-${at}" aria-selected="${at === 0 ? 'true' : 'false'}" tabindex="${at === 0 ? 0 : -1}">${title}</button>`,
  )}</div>`;

const panel = (view: View, isOneOfMany: boolean, depth: number | undefined): Markup =>
  html`<div class="panel" id="panel-${view.number}" data-report="${view.number}"${
    isOneOfMany
      ? html` role="tabpanel" aria-labelledby="tab-${view.number}"`
      : html` role="region" aria-labelledby="title-${view.number}"`
  }>
${head(view)}
${cards(view)}
${diagram(view)}
${icicle(view)}
${layerTable(view, depth)}
${memoryPlot(view)}
${rooflinePlot(view)}
${conventions(view)}
</div>`;

function reportData(view: View, sources: Sources): ReportData {
  const { nodes, number, report } = view;
  const columns = tableColumns(view).flatMap((column) => {
    const cells = nodes.map(({ row }) => column.of(row, report.cost));
    if (cells.some(({ kind }) => kind === 'text')) return [];
    return [[column.id, cells.map((cell) => ('value' in cell ? Number(cell.value) : 0))] as const];
  });
  return {
    names: nodes.map(shownName),
    paths: nodes.map(({ path }) => path),
    kinds: nodes.map(({ kind }) => kind),
    parents: parentsOf(nodes),
    calls: nodes.map(({ part }) =>
      part ? `${part.layer}${part.args === '' ? '' : `(${part.args})`}` : '',
    ),
    places: sources.places[number]!,
    metrics: metricsOf(report).map((metric) => ({
      key: metric.key,
      label: metric.label,
      values: nodes.map(({ row }) => amount(metric, row)),
      texts: nodes.map(({ row }) => short(metric, row)),
    })),
    columns: Object.fromEntries(columns),
  };
}
