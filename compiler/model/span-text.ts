// The source text at a place, for messages and for labels.
import type { Span } from '../source.ts';

/** The text of a span, with every run of white space as one space. */
export const textAt = ({ file, start, end }: Span): string =>
  file.text.slice(start, end).replace(/\s+/g, ' ');
