// Every pair of colours that text or a mark stands on has the contrast of WCAG 2, level AA, in both themes.
import { describe, expect, it } from 'vitest';
import { DARK, LIGHT, type Palette } from '../../../compiler/report/html/palette.ts';

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Pairs that fall short, by name. */
function short(pairs: readonly (readonly [name: string, a: string, b: string])[], least: number) {
  return pairs
    .map(([name, a, b]) => [name, contrast(a, b)] as const)
    .filter(([, found]) => found < least)
    .map(([name, found]) => `${name}: ${found.toFixed(2)}`);
}

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
] as [string, Palette][])('the %s palette', (_, palette) => {
  const { page, raised, selected, selection, text, muted, link, kinds } = palette;
  const backgrounds = { page, raised, selected };
  const inks = {
    text,
    muted,
    keyword: palette.keyword,
    number: palette.number,
    string: palette.string,
  };

  it('can be read', () => {
    const pairs = Object.entries(backgrounds).flatMap(([under, a]) =>
      Object.entries(inks).map(([ink, b]) => [`${ink} on ${under}`, a, b] as const),
    );
    const areas = Object.entries(kinds).map(([kind, { area }]) => [kind, area, text] as const);
    expect(short([...pairs, ...areas], 4.5)).toEqual([]);
  });

  it('has marks and lines that can be seen', () => {
    const marks = Object.entries(kinds).flatMap(([kind, { mark }]) => [
      [`${kind} on the page`, page, mark] as const,
      [`${kind} on raised`, raised, mark] as const,
    ]);
    const lines = [
      ['link', page, link],
      ['selection', page, selection],
      ['selection on what is selected', selected, selection],
    ] as const;
    expect(short([...marks, ...lines], 3)).toEqual([]);
  });
});

it('measures contrast as the standard does', () => {
  expect(contrast('#ffffff', '#000000')).toBeCloseTo(21, 6);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
