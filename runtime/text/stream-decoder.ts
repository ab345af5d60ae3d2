// Decodes tokens one at a time, as they are generated: gives the text that is certain so far.
// Holds back bytes of an unfinished UTF-8 character; does not write anywhere.
import type { Tokenizer } from './tokenizer.ts';

export interface StreamDecoder {
  /** The text that this token makes certain; may be empty, or several characters held back before. */
  push(id: number): string;
  /** What is still held back, once no more tokens come. */
  end(): string;
}

const UNFINISHED = '\uFFFD';

/**
 * A decoder whose pieces, joined, equal decoding all ids at once. `context` is what came before (the prompt):
 * it decides whether the first piece keeps its leading space.
 */
export function streamDecoder(
  tokenizer: Tokenizer,
  context: readonly number[] = [],
): StreamDecoder {
  let window = context.slice(-MAX_CONTEXT);
  let said = tokenizer.decode(window);

  const advance = (id: number, text: string): string => {
    const piece = text.slice(said.length);
    // Decoding depends on the tokens just before, never on more: the window stays short.
    window = [id];
    said = tokenizer.decode(window);
    return piece;
  };

  return {
    push(id) {
      window = [...window, id];
      const text = tokenizer.decode(window);
      return text.endsWith(UNFINISHED) || text.length <= said.length ? '' : advance(id, text);
    },
    end() {
      return tokenizer.decode(window).slice(said.length);
    },
  };
}

const MAX_CONTEXT = 8;
