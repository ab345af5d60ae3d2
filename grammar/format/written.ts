// A parsed file as it was written: its tokens in order, and which comments, empty lines and line breaks stand between them.
// Makes words of tokens, each with its comments: those behind it on its line, and those on lines of their own above it.
import type { CstElement, CstNode, IToken } from 'chevrotain';
import type { ParsedFile } from '../parse.ts';
import { type Doc, hardLine, row } from './doc.ts';

export type Place = CstNode | IToken;

export interface Written {
  /** A token with its comments. */
  word(token: IToken): Doc;
  /** A closing bracket: the comments before it belong to what it closes, each on a line of its own. */
  closing(token: IToken): { readonly comments: Doc; readonly word: Doc };
  /** Whether an empty line stands above a place and its comments. */
  blankAbove(place: Place): boolean;
  /** Whether a place is the first on its line. */
  beginsLine(place: Place): boolean;
  /** Whether comments stand between a place and the token before it. */
  hasCommentsAbove(place: Place): boolean;
  /** The line and the column of a place, from one, and the spaces before it on its line. */
  line(place: Place): number;
  column(place: Place): number;
  gap(place: Place): number;
}

interface Surroundings {
  readonly previous: IToken | undefined;
  readonly above: readonly IToken[];
  /** Which part of the file it is in. */
  readonly part: number;
  behind?: IToken;
}

/** Also the comments behind the last token, each on a line of its own. */
export function writtenForm(parsed: ParsedFile): Written & { readonly rest: Doc } {
  const { around, rest } = surroundings(parsed);
  const tokens = new Map([...around.keys()].map((token) => [token.startOffset, token]));
  const tokenAt = (place: Place): IToken =>
    'children' in place ? tokens.get(place.location!.startOffset)! : place;
  const at = (place: Place): Surroundings => around.get(tokenAt(place))!;
  const behindPrevious = (place: Place): IToken | undefined => {
    const { previous } = at(place);
    return previous && around.get(previous)!.behind;
  };
  const blankAbove = (place: Place): boolean => {
    const { previous, above } = at(place);
    return isApart(above[0] ?? tokenAt(place), previous);
  };

  function word(token: IToken, above: readonly IToken[]): Doc {
    const { behind, part } = at(token);
    return {
      kind: 'word',
      text: token.image,
      above: above.map((comment, i) => ({
        text: comment.image.trimEnd(),
        blank: isApart(comment, above[i - 1]),
      })),
      ...(behind && {
        behind: {
          text: behind.image.trimEnd(),
          column: `${part}:${behind.startColumn}`,
          gap: behind.startColumn! - token.endColumn! - 1,
        },
      }),
      isComment: false,
      blank: isApart(token, above.at(-1)),
    };
  }

  return {
    word: (token) => word(token, at(token).above),
    closing: (token) => ({
      comments: onLines(at(token).above, blankAbove(token)),
      word: word(token, []),
    }),
    blankAbove,
    beginsLine: (place) => tokenAt(place).startLine !== at(place).previous?.endLine,
    hasCommentsAbove: (place) => at(place).above.length > 0 || behindPrevious(place) !== undefined,
    line: (place) => tokenAt(place).startLine!,
    column: (place) => tokenAt(place).startColumn!,
    gap(place) {
      const { endLine, endColumn = 0 } = at(place).previous ?? {};
      const { startColumn = 0, startLine } = tokenAt(place);
      return startColumn - 1 - (endLine === startLine ? endColumn : 0);
    },
    rest: onLines(rest, isApart(rest[0], [...around.keys()].at(-1))),
  };
}

/** Every token in order with what stands around it, and the comments that are left at the end. */
function surroundings({ cst, comments }: ParsedFile) {
  const { edition = [], use = [], item = [] } = cst.children;
  const around = new Map<IToken, Surroundings>();
  let previous: IToken | undefined;
  let next = 0;
  /** Takes the comments up to an offset; the first may stand behind the token before. */
  function commentsUpTo(offset: number): IToken[] {
    const start = next;
    while (comments[next] && comments[next]!.startOffset < offset) next++;
    const found = comments.slice(start, next);
    if (previous && found[0]?.startLine === previous.endLine)
      around.get(previous)!.behind = found.shift()!;
    return found;
  }
  for (const [part, node] of [...edition, ...use, ...item].entries())
    for (const token of tokensOf(node)) {
      const above = commentsUpTo(token.startOffset);
      around.set(token, { previous, above, part });
      previous = token;
    }
  return { around, rest: commentsUpTo(Number.POSITIVE_INFINITY) };
}

const isApart = (token: IToken | undefined, before: IToken | undefined): boolean =>
  token !== undefined && before !== undefined && token.startLine! > before.endLine! + 1;

/** Comments, each below a line break. */
function onLines(comments: readonly IToken[], isFirstApart: boolean): Doc {
  const lines = comments.flatMap((comment, i): Doc[] => [
    hardLine(i === 0 ? isFirstApart : isApart(comment, comments[i - 1])),
    {
      kind: 'word',
      text: comment.image.trimEnd(),
      above: [],
      isComment: true,
      blank: false,
    },
  ]);
  return row(lines);
}

/** The tokens of a tree in the order of the text. */
export function tokensOf(node: CstNode): IToken[] {
  const found: IToken[] = [];
  const visit = (element: CstElement): void => {
    if (!('children' in element)) found.push(element);
    else for (const children of Object.values(element.children)) children.forEach(visit);
  };
  visit(node);
  return found.sort((a, b) => a.startOffset - b.startOffset);
}
