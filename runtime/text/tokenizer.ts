// Text to token ids and back, from the content of a Hugging Face `tokenizer.json`.
// Adds no begin or end token of its own accord and reads no files: the manifest's `text` says which ids frame a text.
import * as hf from '@huggingface/tokenizers';

export interface Tokenizer {
  /** The ids of a text, without a begin or end token. Special tokens written out in the text are recognised. */
  encode(text: string): number[];
  /** The text of some ids; bytes that are no UTF-8 become U+FFFD. Special tokens and unknown ids give nothing. */
  decode(ids: readonly number[]): string;
  /** The ids that the tokenizer itself would put around an empty text, e.g. `[1]` for LLaMA; often none. */
  readonly frame: readonly number[];
  /** The id of a token's exact spelling. */
  idOf(token: string): number | undefined;
  /** One more than the largest id. */
  readonly size: number;
}

/** The file is no tokenizer that can be read, or holds a kind of tokenizer that is not known. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

/** What is used of the library; its published types do not resolve under Node's module rules. */
interface HfTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { skip_special_tokens: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): Map<string, number>;
  get_added_tokens_decoder(): Map<number, { special: boolean }>;
}

/**
 * Opens a tokenizer from the text of a tokenizer.json.
 * @throws {TokenizerError} naming what is wrong with it.
 */
export function openTokenizer(json: string): Tokenizer {
  const inner = construct(json);
  const specials = new Set(
    [...inner.get_added_tokens_decoder()].filter(([, t]) => t.special).map(([id]) => id),
  );
  const size = [...inner.get_vocab().values()].reduce((most, id) => Math.max(most, id + 1), 0);

  return {
    size,
    frame: inner.encode('', { add_special_tokens: true }).ids,
    encode: (text) => inner.encode(text, { add_special_tokens: false }).ids,
    decode(ids) {
      const known = ids.filter((id) => !specials.has(id) && inner.id_to_token(id) !== undefined);
      return known.length === 0 ? '' : inner.decode(known, { skip_special_tokens: false });
    },
    idOf: (token) => inner.token_to_id(token),
  };
}

function construct(json: string): HfTokenizer {
  try {
    // Without this setting the library rewrites ` n't` and ` .`: decoding would no longer undo encoding.
    const tokenizer: object = JSON.parse(json);
    return new hf.Tokenizer(tokenizer, { clean_up_tokenization_spaces: false }) as HfTokenizer;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TokenizerError(`not a readable tokenizer.json: ${reason}`);
  }
}
