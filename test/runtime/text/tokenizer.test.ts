// Tokenizers: round trips, special tokens, decoding as a stream; on a small one of each family, and on a real one.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { streamDecoder } from '../../../runtime/text/stream-decoder.ts';
import { openTokenizer, TokenizerError } from '../../../runtime/text/tokenizer.ts';
import { byteFallbackTokenizer, byteLevelTokenizer } from '../../support/tokenizers.ts';

const real = new URL('../../../../shared/data/stories260k/', import.meta.url);

const texts = [
  'hello world',
  ' leading and trailing ',
  'naïve café — 日本語 🙂👩‍👩‍👧',
  "don't , stop . n't",
  'line\n\nbreaks\ttabs',
  '\uFFFD replacement \uFFFD',
];

describe.each([
  ['byte fallback (LLaMA)', byteFallbackTokenizer()],
  ['byte level (GPT-2)', byteLevelTokenizer()],
])('a tokenizer with %s', (_name, json) => {
  const tokenizer = openTokenizer(JSON.stringify(json));

  it.each(texts)('gives %j back after encoding and decoding', (text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it.each(texts)('gives %j back as a stream of tokens', (text) => {
    const stream = streamDecoder(tokenizer);
    const pieces = tokenizer.encode(text).map((id) => stream.push(id));
    expect(pieces.join('') + stream.end()).toBe(text);
  });

  it('streams on from a prompt, the first space included', () => {
    const all = tokenizer.encode('hello world 日本');
    for (let cut = 1; cut < all.length; cut++) {
      const prompt = all.slice(0, cut);
      if (tokenizer.decode(prompt).endsWith('\uFFFD')) continue;
      const stream = streamDecoder(tokenizer, prompt);
      const rest = all.slice(cut).map((id) => stream.push(id));
      expect(tokenizer.decode(prompt) + rest.join('') + stream.end()).toBe('hello world 日本');
    }
  });

  it('never shows half a character', () => {
    const stream = streamDecoder(tokenizer);
    const pieces = tokenizer.encode('é日🙂').map((id) => stream.push(id));
    expect(pieces.filter((piece) => piece.includes('\uFFFD'))).toEqual([]);
    expect(pieces.filter((piece) => piece !== '').join('')).toBe('é日🙂');
  });

  it('shows bytes that never become a character at the end', () => {
    const stream = streamDecoder(tokenizer);
    const [first] = tokenizer.encode('é').slice(-2);
    expect(stream.push(first!)).toBe('');
    expect(stream.end()).toBe('\uFFFD');
  });

  it('leaves special and unknown tokens out of the text', () => {
    const end = tokenizer.idOf('<|end|>')!;
    const ids = tokenizer.encode('hi');
    expect(tokenizer.decode([end, ...ids, end, 1_000_000])).toBe('hi');
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.encode('<|end|>').at(-1)).toBe(end);
    expect(tokenizer.size).toBe(end + 1);
  });
});

describe('opening a tokenizer', () => {
  it.each([
    ['text that is no JSON', '{'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['an empty object', '{}'],
    [
      'a model of unknown type',
      JSON.stringify({ ...byteLevelTokenizer(), model: { type: 'Markov' } }),
    ],
  ])('refuses %s with a typed error', (_name, json) => {
    expect(() => openTokenizer(json)).toThrow(TokenizerError);
  });
});

describe.skipIf(!existsSync(real))('the tokenizer of stories260k (../shared)', () => {
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, real), 'utf8'));

  it('agrees with the C program in both directions', () => {
    const { text, tokens } = read('expected.json') as { text: string; tokens: number[] };
    const tokenizer = openTokenizer(JSON.stringify(read('tokenizer.json')));
    expect(tokenizer.frame).toEqual([1]);
    // The C program prints each text one token ahead of its list of ids.
    expect([1, ...tokenizer.encode(text)].slice(0, tokens.length)).toEqual(tokens);
    expect(text.startsWith(tokenizer.decode(tokens))).toBe(true);
    const stream = streamDecoder(tokenizer);
    expect(tokens.map((id) => stream.push(id)).join('')).toBe(tokenizer.decode(tokens));
  });
});
