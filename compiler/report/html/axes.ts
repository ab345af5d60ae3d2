// Axes of plots: where figures lie on them, and the lines and labels at round numbers. Drawn once, without a script.
import { html, type Markup } from './markup.ts';

export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Powers of ten around all values, which are above 0. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const logs = values.map(Math.log10);
  const low = Math.floor(Math.min(...logs) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs) - 1e-9));
  const every = Math.ceil((high - low) / 8);
  const ticks: number[] = [];
  for (let power = low; power <= high; power += every) ticks.push(10 ** power);
  return { at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from), ticks };
}

/** From 0 to a round number of `unit`s above all values. */
export function linearScale(most: number, from: number, to: number, base: 10 | 1024): Scale {
  const top = most > 0 ? most : 1;
  const unit = base ** Math.floor(Math.log(top) / Math.log(base) + 1e-9);
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].map(
    (one) => (one * unit) / (base === 10 ? 10 : 1),
  );
  const every = step.find((one) => top / one <= 5) ?? top;
  const count = Math.ceil(top / every - 1e-9);
  return {
    at: (value) => from + (value / (count * every)) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, index) => index * every),
  };
}

export const verticalAxis = (
  { left, right }: Frame,
  { at, ticks }: Scale,
  label: (value: number) => string,
): Markup =>
  html`<g class="axis">${ticks.map(
    (tick) =>
      html`<line x1="${left}" x2="${right}" y1="${tenths(at(tick))}" y2="${tenths(at(tick))}"/><text x="${left - 8}" y="${tenths(at(tick) + 4)}" text-anchor="end">${label(tick)}</text>`,
  )}</g>`;

export const horizontalAxis = (
  { top, bottom }: Frame,
  { at, ticks }: Scale,
  label: (value: number) => string,
): Markup =>
  html`<g class="axis">${ticks.map(
    (tick) =>
      html`<line x1="${tenths(at(tick))}" x2="${tenths(at(tick))}" y1="${top}" y2="${bottom}"/><text x="${tenths(at(tick))}" y="${bottom + 18}" text-anchor="middle">${label(tick)}</text>`,
  )}</g>`;

/** `1.5 GiB` of `1.500 GiB`. */
export const withoutZeros = (text: string): string =>
  text.replace(/(\.\d*?)0+(?=\D|$)/, (_, kept: string) => (kept === '.' ? '' : kept));

export const tenths = (value: number): number => Math.round(10 * value) / 10;
