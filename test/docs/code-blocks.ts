// The bform code of a page of documentation: fenced blocks, with what their first lines say about them.
//
//   ```bform                  must be free of mistakes
//   ```bform file=name.bform  likewise, and later blocks of the page can `use "./name.bform"`
//   ```bform error=BF2        must have a mistake whose code begins so, and none of another kind

export interface CodeBlock {
  readonly line: number;
  readonly code: string;
  readonly file?: string;
  readonly error?: string;
}

const FENCE = /^```bform\b(.*)\n([\s\S]*?)^```$/gm;

/** All bform blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  return Array.from(page.matchAll(FENCE), (match) => {
    const [, options = '', code = ''] = match;
    const option = (name: string): string | undefined =>
      options.match(new RegExp(`\\b${name}=(\\S+)`))?.[1];
    const file = option('file');
    const error = option('error');
    const line = page.slice(0, match.index).split('\n').length;
    return { line, code, ...(file && { file }), ...(error && { error }) };
  });
}
