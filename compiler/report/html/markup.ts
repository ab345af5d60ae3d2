// Text of a page. Whatever goes into it passes `html`, which escapes all that is not markup already: names, comments, paths
// and sources are the user's. The only other way in is `verbatim`, for text of this folder's own.

export interface Markup {
  readonly markup: string;
}

export type Piece = Markup | string | number | undefined | false | readonly Piece[];

/** Literal parts as they are, pieces escaped; lists one after the other, `undefined` and `false` as nothing. */
export function html(literals: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let markup = literals[0]!;
  for (const [index, piece] of pieces.entries()) markup += written(piece) + literals[index + 1]!;
  return { markup };
}

/** Text that is no one's input, such as styles and the script. */
export const verbatim = (markup: string): Markup => ({ markup });

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return 'markup' in piece ? piece.markup : piece.map(written).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What could not be seen, or would turn the text around it, stands as a replacement character. */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Bidi_Control}]/gu;

const escaped = (text: string): string =>
  text.replace(UNSEEN, '\ufffd').replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** Data for the page's script, which no text in it can end. */
export function dataBlock(id: string, data: unknown): Markup {
  const json = JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return html`<script type="application/json" id="${id}">${verbatim(json)}</script>`;
}
