// Tiny tokenizers in the format of `tokenizer.json`, one of each family that is imported: every byte is a token.
// Each has a special token `<|end|>` with the largest id.

const special = (id: number, content: string) => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

/** As LLaMA's: spaces become `▁`, characters that are no token of their own fall back to bytes. */
export function byteFallbackTokenizer() {
  const spelled = ['<unk>', '<s>'];
  for (let byte = 0; byte < 256; byte++)
    spelled.push(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
  spelled.push('▁', ...'helowrd', 'he', 'll', '▁w');
  const vocab = Object.fromEntries(spelled.map((token, id) => [token, id]));
  return {
    version: '1.0',
    added_tokens: [special(0, '<unk>'), special(1, '<s>'), special(spelled.length, '<|end|>')],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab,
      merges: ['h e', 'l l', '▁ w'],
    },
  };
}

/** As GPT-2's: bytes written as printable characters, words cut by a pattern. */
export function byteLevelTokenizer() {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let others = 0;
  const spelled = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : 256 + others++),
  );
  const merges = ['h e', 'l l', 'Ġ w'];
  spelled.push(...merges.map((merge) => merge.replace(' ', '')));
  return {
    version: '1.0',
    added_tokens: [special(spelled.length, '<|end|>')],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(spelled.map((token, id) => [token, id])),
      merges,
    },
  };
}
