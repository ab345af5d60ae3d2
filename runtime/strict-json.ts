// A JSON reader for files that may be hostile: text in, plain data out, or a SyntaxError with the offset.
// Refuses what JSON.parse lets through: duplicate keys, keys that touch prototypes, deep nesting, whole numbers
// that a double cannot hold. Does not know what the data means.

const MAX_DEPTH = 64;
const DANGEROUS_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\r\n]*/y;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The one JSON value of the text. Throws `SyntaxError`. */
export function parseStrictJson(text: string): Json {
  let at = 0;

  const fail = (what: string): never => {
    throw new SyntaxError(`${what} at offset ${at}`);
  };

  function skipSpace(): void {
    SPACE.lastIndex = at;
    SPACE.test(text);
    at = SPACE.lastIndex;
  }

  function word<T>(spelling: string, value: T): T {
    if (!text.startsWith(spelling, at)) fail('unexpected text');
    at += spelling.length;
    return value;
  }

  function string(): string {
    const start = at;
    let escaped = false;
    for (at++; ; at++) {
      const unit = text.charCodeAt(at);
      if (unit === 0x22) break;
      if (Number.isNaN(unit)) fail('unfinished string');
      if (unit < 0x20) fail('control character in a string');
      if (unit === 0x5c) {
        escaped = true;
        at++;
      }
    }
    at++;
    const literal = text.slice(start, at);
    if (!escaped) return literal.slice(1, -1);
    try {
      return JSON.parse(literal) as string;
    } catch {
      at = start;
      return fail('bad escape in a string');
    }
  }

  function number(): number {
    NUMBER.lastIndex = at;
    const literal = NUMBER.exec(text)?.[0];
    if (literal === undefined) return fail('unexpected text');
    const value = Number(literal);
    if (!Number.isFinite(value)) fail(`number ${literal.slice(0, 40)} is too large`);
    if (/^-?[0-9]+$/.test(literal) && !Number.isSafeInteger(value))
      fail(`whole number ${literal.slice(0, 40)} exceeds 2^53`);
    at += literal.length;
    return value;
  }

  function array(depth: number): Json[] {
    const items: Json[] = [];
    at++;
    skipSpace();
    if (text[at] === ']') at++;
    else
      for (;;) {
        items.push(value(depth));
        const next = text[at++];
        if (next === ']') break;
        if (next !== ',') {
          at--;
          fail('expected "," or "]"');
        }
      }
    return items;
  }

  function object(depth: number): { [key: string]: Json } {
    const members: { [key: string]: Json } = {};
    at++;
    skipSpace();
    if (text[at] === '}') at++;
    else
      for (;;) {
        skipSpace();
        if (text[at] !== '"') fail('expected a key');
        const key = string();
        if (DANGEROUS_KEYS.has(key)) fail(`key "${key}" is not allowed`);
        if (Object.hasOwn(members, key)) fail(`duplicate key ${JSON.stringify(key.slice(0, 80))}`);
        skipSpace();
        if (text[at] !== ':') fail('expected ":"');
        at++;
        members[key] = value(depth);
        const next = text[at++];
        if (next === '}') break;
        if (next !== ',') {
          at--;
          fail('expected "," or "}"');
        }
      }
    return members;
  }

  function bare(depth: number): Json {
    switch (text[at]) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word('true', true);
      case 'f':
        return word('false', false);
      case 'n':
        return word('null', null);
      default:
        return number();
    }
  }

  function value(outer: number): Json {
    const depth = outer + 1;
    if (depth > MAX_DEPTH) fail(`nesting deeper than ${MAX_DEPTH}`);
    skipSpace();
    const result = bare(depth);
    skipSpace();
    return result;
  }

  const result = value(0);
  if (at < text.length) fail('text after the end');
  return result;
}
