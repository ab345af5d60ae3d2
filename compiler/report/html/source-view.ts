// The sources beside the report: lines with numbers and light colours, in which every place that makes a layer can be found
// and marked. Library files are folded.
import { allTokens } from '../../../grammar/tokens.ts';
import type { SourceFile, Span } from '../../source.ts';
import { html, type Markup } from './markup.ts';
import type { View } from './view.ts';

export interface Sources {
  readonly markup: Markup;
  /** The places of each layer of each report, outermost first; places are numbered over all files. */
  readonly places: readonly (readonly (readonly number[])[])[];
}

interface Place {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

export function sourceView(views: readonly View[]): Sources {
  const files = new Map<
    string,
    { readonly file: SourceFile; readonly places: Place[]; readonly views: Set<number> }
  >();
  let next = 0;
  const entryOf = (file: SourceFile) => {
    const key = `${file.path}\n${file.text}`;
    const entry = files.get(key) ?? { file, places: [], views: new Set<number>() };
    files.set(key, entry);
    return entry;
  };
  const placeOf = ({ file, start, end }: Span): number => {
    const { places } = entryOf(file);
    const known = places.find((place) => place.start === start && place.end === end);
    if (known) return known.id;
    places.push({ id: next, start, end });
    return next++;
  };
  for (const { report, number } of views)
    for (const file of report.sources) entryOf(file).views.add(number);
  const places = views.map(({ nodes }) =>
    nodes.map(({ part }) => (part ? [...new Set([part.use, part.span].map(placeOf))] : [])),
  );
  const markup = html`<div class="sources">${[...files.values()].map(
    ({ file, places: inFile, views: of }, at) => {
      const isLibrary = file.path.startsWith('std/');
      return html`<details class="file${isLibrary && ' library'}" data-views="${[...of].join(' ')}"${at === 0 && html` open`}><summary>${file.path}</summary><pre tabindex="0" aria-label="${file.path}"><code>${lines(file.text, inFile)}</code></pre></details>`;
    },
  )}</div>`;
  return { markup, places };
}

function lines(text: string, places: readonly Place[]): Markup[] {
  const bounds = [...new Set(places.flatMap(({ start, end }) => [start, end]))].sort(
    (a, b) => a - b,
  );
  const innermost = [...places].sort((a, b) => a.end - a.start - (b.end - b.start));
  let offset = 0;
  return text.split(/(?<=\n)/).map((line) => {
    const pieces = segments(line, offset, bounds, innermost);
    offset += line.length;
    return html`<span class="line">${pieces}</span>`;
  });
}

interface Segment {
  text: string;
  readonly style: string;
  readonly place: number | undefined;
}

function segments(
  line: string,
  offset: number,
  bounds: readonly number[],
  innermost: readonly Place[],
): Markup[] {
  const found: Segment[] = [];
  for (const { 0: token, index } of line.matchAll(TOKEN)) {
    const style = styleOf(token);
    const [start, end] = [offset + index, offset + index + token.length];
    const cuts = [start, ...bounds.filter((bound) => bound > start && bound < end), end];
    for (const [at, from] of cuts.slice(0, -1).entries()) {
      const to = cuts[at + 1]!;
      const text = line.slice(from - offset, to - offset);
      const place = innermost.find((one) => one.start <= from && to <= one.end)?.id;
      const last = found.at(-1);
      if (last && last.style === style && last.place === place) last.text += text;
      else found.push({ text, style, place });
    }
  }
  return found.map(({ text, style, place }) => {
    if (style === '' && place === undefined) return html`${text}`;
    return html`<i${style !== '' && html` class="${style}"`}${place !== undefined && html` data-s="${place}"`}>${text}</i>`;
  });
}

const TOKEN = /\/\/[^\r\n]*|"(?:[^"\\\r\n]|\\.)*"?|\d[\w.]*|[\p{L}_][\p{L}\p{N}_]*|\s+|./gu;

const KEYWORDS: ReadonlySet<string> = new Set(
  allTokens.flatMap(({ PATTERN }) =>
    typeof PATTERN === 'string' && /^[a-z]+$/.test(PATTERN) ? [PATTERN] : [],
  ),
);

function styleOf(token: string): string {
  if (token.startsWith('//')) return 'c';
  if (token.startsWith('"')) return 's';
  if (/^\d/.test(token)) return 'n';
  return KEYWORDS.has(token) ? 'k' : '';
}
