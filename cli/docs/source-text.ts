// The text of a place in the source, for pages.
import type { Span } from '../../compiler/source.ts';

/** On one line, without its comments. */
export const lineOf = ({ file, start, end }: Span): string =>
  file.text
    .slice(start, end)
    .replace(/\/\/.*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
