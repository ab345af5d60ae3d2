// The tokenizer of models over bytes: each byte of UTF-8 text is the token of its value.
import type { Tokenizer } from './tokenizer.ts';

export function byteTokenizer(): Tokenizer {
  return {
    size: 256,
    frame: [],
    encode: (text) => [...new TextEncoder().encode(text)],
    decode: (ids) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(
        Uint8Array.from(ids.filter((id) => id < 256)),
      ),
    idOf: (token) => (token.length === 1 && token < '\u0080' ? token.charCodeAt(0) : undefined),
  };
}
