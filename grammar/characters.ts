// Characters that mean nothing in the language: what to call them, and what their writer may have wanted.

const NAMES: Readonly<Record<string, string>> = {
  '\u00a0': 'a no-break space',
  '\u200b': 'a zero-width space',
  '\u200d': 'a zero-width joiner',
  '\u2028': 'a line separator',
  '\u2029': 'a paragraph separator',
  '\ufeff': 'a byte order mark',
};

/** From what other languages and word processors write to what is written here. */
const INSTEAD: readonly (readonly [wanted: string, written: readonly string[]])[] = [
  ['`->`', ['→', '⟶', '⇒', '|>']],
  ['`-`', ['−', '–', '—']],
  ['`*`', ['×', '·', '∗']],
  ['`/`', ['÷']],
  ['`<=`', ['≤']],
  ['`>=`', ['≥']],
  ['`!=`', ['≠']],
  ['`..`', ['…']],
  ['`"`', ['“', '”', '„', '«', '»', '‘', '’', "'", '`']],
  ['`and`', ['&', '&&', '∧']],
  ['`or`', ['|', '||', '∨']],
  ['`not`', ['!', '¬', '~']],
  ['`//` for a comment', ['#']],
  ['an ordinary space', ['\u00a0', '\u2009', '\u202f', '\u3000']],
  ['`if c { a } else { b }`', ['?']],
];

const INVISIBLE = ['\u200b', '\u200d', '\u2028', '\u2029', '\ufeff'];

/** The first character of a text, named so that it can be seen: `§`, U+0007. */
export function describeCharacter(text: string): string {
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const code = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES[character];
  if (name) return `${name} (${code})`;
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `\`${character}\`` : `the character ${code}`;
}

export function hintForCharacters(text: string): string | undefined {
  if (text === ';') return 'leave it out: statements need no end sign';
  if (INVISIBLE.some((sign) => text.startsWith(sign))) return 'leave it out';
  const found =
    INSTEAD.find(([, written]) => written.includes(text)) ??
    INSTEAD.find(([, written]) => written.some((sign) => text.startsWith(sign)));
  return found && `write ${found[0]}`;
}
