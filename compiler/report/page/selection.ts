// A layer that is selected anywhere is marked everywhere: in the diagram, the areas, the table, the plots, and in the sources,
// where its places are shown; its figures stand beside. A place in the sources selects the layer that most of the cost is in,
// of those that it makes.
import type { ReportData } from '../html/page-data.ts';

/** Pixels of a line. */
const SEEN = 20;

export interface Panel {
  readonly element: HTMLElement;
  readonly number: number;
  readonly data: ReportData;
}

export interface Selection {
  readonly select: (panel: Panel, layer: number) => void;
  readonly clear: () => void;
  /** Brings the lines that make a report's model into sight. */
  readonly reveal: (panel: Panel) => void;
}

export function showSelection(panels: readonly Panel[]): Selection {
  const details = document.querySelector<HTMLElement>('.selected')!;
  const sources = document.querySelector<HTMLElement>('.sources')!;
  const hint = [...details.childNodes];
  let current: { readonly panel: Panel; readonly layer: number } | undefined;

  function clear(): void {
    current = undefined;
    for (const marked of document.querySelectorAll('.on')) {
      marked.classList.remove('on');
      marked.removeAttribute('aria-current');
    }
    details.replaceChildren(...hint);
  }

  function select(panel: Panel, layer: number): void {
    clear();
    current = { panel, layer };
    for (const element of panel.element.querySelectorAll(`[data-n="${layer}"]`)) {
      element.classList.add('on');
      element.setAttribute('aria-current', 'true');
    }
    details.replaceChildren(...described(panel, layer));
    markSources(placesOf(panel.data, layer));
  }

  function markSources(places: readonly number[]): void {
    const marked = places.flatMap((place) => [
      ...sources.querySelectorAll<HTMLElement>(`[data-s="${place}"]`),
    ]);
    for (const piece of marked) {
      piece.classList.add('on');
      piece.closest('.line')!.classList.add('on');
    }
    const [first] = marked;
    for (const piece of marked) {
      const file = piece.closest('details')!;
      if (piece === first || !file.classList.contains('library')) file.open = true;
    }
    if (first) bringIntoSight(first);
  }

  /** Where the sources stand beside the report; below it, the page stays where it is. */
  function bringIntoSight(piece: HTMLElement): void {
    if (getComputedStyle(sources).overflowY !== 'auto') return;
    const [{ top }, box] = [piece.getBoundingClientRect(), sources.getBoundingClientRect()];
    const isSeen = top >= box.top && top + SEEN <= box.bottom;
    if (!isSeen) sources.scrollTop += top - box.top - sources.clientHeight / 3;
  }

  function reveal({ data }: Panel): void {
    const [place] = data.places.flat();
    const piece = sources.querySelector<HTMLElement>(`[data-s="${place}"]`);
    if (piece) bringIntoSight(piece);
  }

  document.addEventListener('click', (event) => {
    const target = event.target as Element;
    if (target.closest('.close')) {
      clear();
      return;
    }
    const layer = target.closest<HTMLElement>('[data-n]');
    const panel = panels.find(({ element }) => element.contains(target));
    if (layer && panel && !target.closest('button')) {
      event.preventDefault();
      select(panel, Number(layer.dataset.n));
      return;
    }
    const place = target.closest<HTMLElement>('[data-s]');
    const shown = panels.find(({ element }) => !element.hidden);
    const found = place && shown && layerOf(shown.data, Number(place.dataset.s), current?.layer);
    if (found === undefined || found === null) return;
    select(shown!, found);
    shown!.element.querySelector(`tr[data-n="${found}"]`)?.scrollIntoView({ block: 'nearest' });
  });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') clear();
  });
  return { select, clear, reveal };
}

/** Work of a layer itself is made where the layer is. */
function placesOf({ places, parents }: ReportData, layer: number): readonly number[] {
  for (let at = layer; at >= 0; at = parents[at]!) if (places[at]!.length > 0) return places[at]!;
  return [];
}

/** Of the layers that a place makes, the one of most parameters and work; after that one the next. */
function layerOf(
  { places, metrics }: ReportData,
  place: number,
  current: number | undefined,
): number | undefined {
  const weight = (layer: number): number =>
    metrics.reduce((sum, { values }) => sum + values[layer]! / (values[0]! || 1), 0);
  const made = places
    .flatMap((own, layer) => (own.includes(place) ? [layer] : []))
    .sort((a, b) => weight(b) - weight(a));
  const at = current === undefined ? -1 : made.indexOf(current);
  return made[(at + 1) % made.length];
}

function described({ element, data }: Panel, layer: number): Node[] {
  const list = document.createElement('dl');
  const row = element.querySelector(`tr[data-n="${layer}"]`);
  const heads = element.querySelectorAll<HTMLElement>('.layers thead th');
  for (const [at, cell] of [...(row?.children ?? [])].entries()) {
    const value = cell.textContent!;
    if (at === 0 || value === '' || value === '-') continue;
    const [figure, ...origin] = (cell.getAttribute('title') ?? value).split('\n');
    const name = made('dt', heads[at]!.textContent!);
    name.title = heads[at]!.querySelector('button')!.title;
    const shown = made('dd', figure!);
    shown.append(...origin.map((line) => made('small', line)));
    list.append(name, shown);
  }
  const path = data.paths[layer]!;
  const close = made('button', '×');
  close.className = 'close';
  close.setAttribute('aria-label', 'Select nothing');
  return [
    close,
    made('h3', data.names[layer]!),
    made('p', [path, data.calls[layer]!].filter((text) => text !== '').join(' · ')),
    list,
  ];
}

function made(tag: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
