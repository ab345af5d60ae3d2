// Several models beside each other: their figures, each with its ratio to that of the first.
import { figureText, shortFigure } from '../cells.ts';
import { figuresOf } from '../figures.ts';
import { html, type Markup } from './markup.ts';
import { titlesOf, type View } from './view.ts';

export function comparisonTable(views: readonly View[]): Markup {
  const figures = views.map(
    ({ report }) => new Map(figuresOf(report).map((one) => [one.name, one])),
  );
  const names = [...new Set(figures.flatMap((one) => [...one.keys()]))];
  return html`<section class="comparison"><h2>Side by side</h2><div class="scroll" role="region" aria-label="Table of figures" tabindex="0"><table><thead><tr><th scope="col">figure</th>${titlesOf(
    views,
  ).map(
    (title) => html`<th scope="col" class="number">${title}</th>`,
  )}</tr></thead><tbody>${names.map((name) => {
    const most = Math.max(...figures.map((one) => Number(one.get(name)?.value ?? 0)));
    const first = Number(figures[0]!.get(name)?.value ?? 0);
    return html`<tr><th scope="row">${name}</th>${figures.map((one, at) => {
      const figure = one.get(name);
      if (!figure) return html`<td class="number"></td>`;
      const value = Number(figure.value);
      const ratio = at > 0 && first > 0 ? `${(value / first).toFixed(2)} ×` : '';
      return html`<td class="number" title="${figureText(figure)}"><span class="share" style="width:${most > 0 ? Math.round((100 * value) / most) : 0}%"></span>${shortFigure(figure)} <small>${ratio}</small></td>`;
    })}</tr>`;
  })}</tbody></table></div></section>`;
}
