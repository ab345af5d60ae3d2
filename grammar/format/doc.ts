// What the formatter says before line breaks are chosen: words in order, the places where a line may break, and what breaks
// together. After Wadler, "A prettier printer", as Prettier has it; write-doc.ts makes text of it. A comment lasts until its
// line ends, so it breaks everything around it, unless it stands at the outer edge: what is before or behind does not matter.

export interface OwnLineComment {
  readonly text: string;
  /** Whether an empty line stands above. */
  readonly blank: boolean;
}

export interface EndOfLineComment {
  readonly text: string;
  /** Comments of one column in one declaration stay in one column. */
  readonly column: string;
  /** Characters between the code and the comment, as written. */
  readonly gap: number;
}

export type Doc =
  /** A word or sign with its comments. */
  | {
      readonly kind: 'word';
      readonly text: string;
      /** Each on a line of its own above; the empty line above the first of them is the separator's to say. */
      readonly above: readonly OwnLineComment[];
      readonly behind?: EndOfLineComment;
      /** Whether the word is a comment itself, after which no word can follow on its line. */
      readonly isComment: boolean;
      /** Whether an empty line stands between the comments above and the word. */
      readonly blank: boolean;
    }
  | { readonly kind: 'space'; readonly width: number }
  /** A place to break; if it is not taken, `flat` characters of space. */
  | {
      readonly kind: 'line';
      readonly flat: number;
      readonly blank: boolean;
      readonly hard: boolean;
    }
  | { readonly kind: 'row'; readonly parts: readonly Doc[]; readonly edges: Edges }
  /** All breaks directly in it are taken, or none. */
  | {
      readonly kind: 'group';
      readonly content: Doc;
      readonly breaks: boolean;
      readonly edges: Edges;
    }
  | { readonly kind: 'indent'; readonly content: Doc; readonly edges: Edges }
  /** Contents at even places, breaks at odd ones: each is taken where the next content does not fit. */
  | { readonly kind: 'fill'; readonly parts: readonly Doc[]; readonly edges: Edges };

interface Edges {
  readonly hasWords: boolean;
  readonly beginsWithComment: boolean;
  readonly endsWithComment: boolean;
  /** Whether a line ends within, other than by a comment at an edge. */
  readonly breaks: boolean;
}

export const space: Doc = { kind: 'space', width: 1 };
export const padding = (width: number): Doc => ({ kind: 'space', width });
/** A break, else a space. */
export const line: Doc = { kind: 'line', flat: 1, blank: false, hard: false };
/** A break, else nothing. */
export const softLine: Doc = { kind: 'line', flat: 0, blank: false, hard: false };
export const lineAfter = (blank: boolean): Doc => ({ kind: 'line', flat: 1, blank, hard: false });
export const hardLine = (blank = false): Doc => ({ kind: 'line', flat: 0, blank, hard: true });

/** What a document is made of; lists stay lists, since a call takes only so many arguments. */
type Content = Doc | readonly Doc[];

export const row = (...content: readonly Content[]): Doc => {
  const parts = content.flat();
  return { kind: 'row', parts, edges: around(parts) };
};
export const indent = (...parts: readonly Content[]): Doc => {
  const content = row(...parts);
  return { kind: 'indent', content, edges: edgesOf(content) };
};
export const fill = (parts: readonly Doc[]): Doc => ({ kind: 'fill', parts, edges: around(parts) });

export const group = (...parts: readonly Content[]): Doc => {
  const content = row(...parts);
  const edges = edgesOf(content);
  return { kind: 'group', content, breaks: edges.breaks, edges };
};
/** A group with its breaks taken. */
export const broken = (doc: Doc): Doc =>
  doc.kind === 'group' ? { ...doc, breaks: true, edges: { ...doc.edges, breaks: true } } : doc;

function edgesOf(doc: Doc): Edges {
  switch (doc.kind) {
    case 'word':
      return {
        hasWords: true,
        beginsWithComment: doc.above.length > 0,
        endsWithComment: doc.isComment || doc.behind !== undefined,
        breaks: false,
      };
    case 'space':
    case 'line':
      return {
        hasWords: false,
        beginsWithComment: false,
        endsWithComment: false,
        breaks: doc.kind === 'line' && doc.hard,
      };
    default:
      return doc.edges;
  }
}

function around(parts: readonly Doc[]): Edges {
  let all: Edges | undefined;
  let breaks = false;
  for (const part of parts) {
    const next = edgesOf(part);
    breaks ||= next.breaks;
    if (!next.hasWords) continue;
    breaks ||= all !== undefined && (all.endsWithComment || next.beginsWithComment);
    all = { ...next, beginsWithComment: (all ?? next).beginsWithComment };
  }
  const none = { hasWords: false, beginsWithComment: false, endsWithComment: false };
  return { ...(all ?? none), breaks };
}

/** Characters on one line, comments at the end not counted; infinite where a line ends within. */
export function flatWidth(doc: Doc): number {
  switch (doc.kind) {
    case 'word':
      return doc.text.length;
    case 'space':
      return doc.width;
    case 'line':
      return doc.hard ? Number.POSITIVE_INFINITY : doc.flat;
    case 'indent':
      return flatWidth(doc.content);
    case 'group':
      return doc.breaks ? Number.POSITIVE_INFINITY : flatWidth(doc.content);
    case 'row':
    case 'fill':
      return doc.edges.breaks
        ? Number.POSITIVE_INFINITY
        : doc.parts.reduce((sum, part) => sum + flatWidth(part), 0);
  }
}
