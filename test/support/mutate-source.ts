// Small damage to a source file: what a slip of the hand does, and what someone with a grudge does.
import type { Dice } from './dice.ts';

const WORDS = [
  ...[
    'edition',
    'use',
    'layer',
    'order',
    'block',
    'model',
    'where',
    'let',
    'weight',
    'if',
    'else',
    'true',
  ],
  ...['not', 'and', 'or', 'as', 'std', 'x', 'dim', 'return', 'lyer', 'a_b', '0', '1e9', '2d', '1_'],
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '{ }',
    '()',
    ',',
    ':',
    '=',
    '->',
    '..',
    '.',
    '-',
    '*',
    '@',
    '^',
  ],
  ...[
    '==',
    '<',
    '%',
    '"',
    '"a"',
    '\\',
    '//',
    '///',
    '/*',
    '\n',
    '\r',
    '\t',
    ' ',
    ';',
    '#',
    '!',
    '&',
  ],
  ...[
    '\u2028',
    '\u0085',
    '\u00a0',
    '\ufeff',
    '\u202e',
    '\u001b[2J',
    '\0',
    '\ufffd',
    '\ud800',
    'é',
    '→',
  ],
  ...['漢', '😀', 'e\u0301', '__proto__', 'constructor', 'a'.repeat(130), '9'.repeat(70)],
];

export function mutate(source: string, dice: Dice, most: number): string {
  let text = source;
  for (let i = dice.int(1, most); i > 0; i--) text = dice.pick(MUTATIONS)(text, dice);
  return text.slice(0, 65_536);
}

type Mutation = (text: string, dice: Dice) => string;

/** Puts something in the place of a range. */
const splice = (text: string, start: number, end: number, piece: string): string =>
  text.slice(0, start) + piece + text.slice(end);

/** A range of whole words and signs, mostly; else of any characters. */
function someRange(text: string, dice: Dice): [start: number, end: number] {
  const start = dice.int(0, text.length);
  if (dice.chance(0.3)) return [start, Math.min(text.length, start + dice.int(0, 20))];
  const word = /\w+|[^\w\s]+/g;
  word.lastIndex = start;
  const found = word.exec(text);
  return found ? [found.index, found.index + found[0].length] : [start, text.length];
}

const MUTATIONS: readonly Mutation[] = [
  (text, dice) => splice(text, ...someRange(text, dice), ''),
  (text, dice) => splice(text, ...someRange(text, dice), dice.pick(WORDS)),
  function insert(text, dice) {
    const [start] = someRange(text, dice);
    return splice(text, start, start, ` ${dice.pick(WORDS)} `);
  },
  function repeat(text, dice) {
    const [start, end] = someRange(text, dice);
    const times = dice.chance(0.05) ? dice.int(50, 3_000) : dice.int(1, 5);
    return splice(text, start, start, text.slice(start, end).repeat(times));
  },
  function swap(text, dice) {
    const [start, end] = someRange(text, dice);
    const [from, to] = someRange(text, dice);
    return splice(text, start, end, text.slice(from, to));
  },
  function moveLine(text, dice) {
    const lines = text.split('\n');
    const [line] = lines.splice(dice.int(0, lines.length - 1), 1);
    lines.splice(dice.int(0, lines.length), 0, line ?? '');
    return lines.join('\n');
  },
  (text, dice) => text.slice(0, dice.int(0, text.length)),
  (text, dice) => text.slice(dice.int(0, text.length)),
  (text, dice) => text.replaceAll('\n', dice.pick(['\r\n', '\r', ' ', '\u2028', ''])),
  (text, dice) => text + dice.pick(WORDS).repeat(dice.int(1, 200)),
  (_, dice) => Array.from({ length: dice.int(0, 300) }, () => dice.pick(WORDS)).join(' '),
  (_, dice) =>
    String.fromCharCode(...Array.from({ length: dice.int(0, 300) }, () => dice.int(0, 0xffff))),
];
