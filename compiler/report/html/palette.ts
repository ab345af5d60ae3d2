// The colours of the page, in light and in dark. Pairs that carry text or meaning have the contrast that WCAG 2 asks for at
// level AA (4.5 for text, 3 for marks); the test of this file holds them to it.
import type { LayerKind } from '../layer-kinds.ts';

export interface Palette {
  readonly page: string;
  readonly raised: string;
  readonly rule: string;
  readonly text: string;
  readonly muted: string;
  readonly link: string;
  /** Behind what is selected, and the line around it. */
  readonly selected: string;
  readonly selection: string;
  /** Of source text. */
  readonly keyword: string;
  readonly number: string;
  readonly string: string;
  /** An area that text stands on, and its line or mark. */
  readonly kinds: Readonly<Record<LayerKind, { readonly area: string; readonly mark: string }>>;
}

export const LIGHT: Palette = {
  page: '#fdfdfb',
  raised: '#f5f5f1',
  rule: '#dfdfd8',
  text: '#1c1e22',
  muted: '#5b6169',
  link: '#1d5ba6',
  selected: '#fff1bd',
  selection: '#946400',
  keyword: '#8a2a5c',
  number: '#0d5f73',
  string: '#3c6118',
  kinds: {
    attention: { area: '#cfe1f6', mark: '#3a70ae' },
    dense: { area: '#cfeada', mark: '#2f7f58' },
    experts: { area: '#fcdcb4', mark: '#b06412' },
    embedding: { area: '#e6d8f3', mark: '#8056ab' },
    norm: { area: '#dddde5', mark: '#6f6f88' },
    other: { area: '#eceae3', mark: '#7f7b6e' },
    group: { area: '#f5f5f1', mark: '#7a7e85' },
  },
};

export const DARK: Palette = {
  page: '#15171b',
  raised: '#1d2025',
  rule: '#33373e',
  text: '#e8e7e3',
  muted: '#a2a8b1',
  link: '#8ab8f0',
  selected: '#42370f',
  selection: '#e2b93b',
  keyword: '#e59ac4',
  number: '#7fcfe0',
  string: '#aed581',
  kinds: {
    attention: { area: '#23405f', mark: '#78aee8' },
    dense: { area: '#1f4a37', mark: '#69c096' },
    experts: { area: '#5c3d18', mark: '#e3a050' },
    embedding: { area: '#45305e', mark: '#bd9be2' },
    norm: { area: '#383a47', mark: '#a2a3b9' },
    other: { area: '#35342e', mark: '#a8a597' },
    group: { area: '#1d2025', mark: '#8b9099' },
  },
};

/** As custom properties: `--page`, `--attention`, `--attention-mark`. */
export const variables = ({ kinds, ...plain }: Palette): string =>
  [
    ...Object.entries(plain),
    ...Object.entries(kinds).flatMap(([kind, { area, mark }]) => [
      [kind, area],
      [`${kind}-mark`, mark],
    ]),
  ]
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
