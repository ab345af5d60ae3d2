// Elements between brackets: on one line, or each on its own. A comma behind the last one is never written.
import type { IToken } from 'chevrotain';
import { type Doc, fill, group, hardLine, indent, line, lineAfter, row, softLine } from './doc.ts';
import type { Place, Written } from './written.ts';

/** What a list is made of, as the parser gives it. */
export interface Elements<Node> {
  readonly open: IToken;
  readonly nodes: readonly Node[] | undefined;
  readonly commas: readonly IToken[] | undefined;
  readonly close: IToken;
}

export interface Style {
  /** As many on a line as there is room for. */
  readonly filled?: boolean;
  /** The brackets of a single element stand close to it, however long it is. */
  readonly close?: boolean;
}

export function bracketed<Node extends Place>(
  { open, nodes = [], commas = [], close }: Elements<Node>,
  print: (node: Node) => Doc,
  w: Written,
  { filled = false, close: isClose = false }: Style = {},
): Doc {
  const closing = w.closing(close);
  const [first] = nodes;
  if (!first) return group(w.word(open), indent(closing.comments), softLine, closing.word);
  const elements = nodes.map((node, i) =>
    commas[i] ? row(print(node), w.word(commas[i])) : print(node),
  );
  const isBare = !w.hasCommentsAbove(first) && !w.hasCommentsAbove(close);
  if (isClose && elements.length === 1 && isBare)
    return row(w.word(open), elements[0]!, closing.word);
  const breaks = nodes.map((node) => lineAfter(w.blankAbove(node)));
  const list = elements.flatMap((element, i) => (i > 0 ? [breaks[i]!, element] : [element]));
  const content = filled ? fill(list) : row(list);
  return group(w.word(open), indent(softLine, content, closing.comments), softLine, closing.word);
}

/** A statement, a row, a setting: what begins a line of a body. */
export interface BodyLine {
  readonly node: Place;
  readonly doc: Doc;
}

/** The lines of a body between its braces; the only one of them beside its braces, if it was written there. */
export function braces(open: IToken, lines: readonly BodyLine[], close: IToken, w: Written): Doc {
  const closing = w.closing(close);
  const isShort = lines.length === 1 && !w.beginsLine(lines[0]!.node);
  const content = lines.flatMap(({ node, doc }, i): Doc[] => {
    if (isShort) return [line, doc];
    return [hardLine(i > 0 && w.blankAbove(node)), doc];
  });
  return row(w.word(open), indent(content, closing.comments), line, closing.word);
}
