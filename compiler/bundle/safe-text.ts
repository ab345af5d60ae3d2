// The one place where words of a user's enter generated TypeScript: as a property's name, a string literal, or prose in
// a comment. Works by allow-lists, so no word can end what it stands in or become code.

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const NOT_PROSE = /[^\p{L}\p{N} .,:;!?()[\]{}<>|+\-=/'"#%&~^_$`\u00D7\n]/gu;

/** A string literal of printable ASCII. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A property's name: itself where it is a plain identifier, else a literal. */
export function propertyName(name: string): string {
  return IDENTIFIER.test(name) ? name : literal(name);
}

/**
 * Text for a comment, lines kept. `*` (which could end the comment) becomes `\u00D7`; what else is not a letter, a digit or
 * common punctuation becomes `_`: `@` (a tag), backslashes, control and invisible characters, all other line breaks.
 */
export function prose(text: string): string {
  return text.replace(/\r\n?/g, '\n').replaceAll('*', '\u00D7').replace(NOT_PROSE, '_').trim();
}
