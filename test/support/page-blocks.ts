// The fenced blocks of a page of documentation. What the word behind the fence asks for is held by tests:
//
//   ```bform                  must be free of mistakes, and in the standard layout
//   ```bform file=name.bform  likewise; later blocks of the page can `use "./name.bform"`, and commands find it
//   ```bform error=BF2        must have a mistake whose code begins so, and none of another kind
//   ```console                commands behind `$`, each with what it prints
//   ```sh                     commands that must succeed
//   ```js, ```ts              run after the blocks before it; what `console.log` prints stands behind it as `// ...`
//   ```ts continued           runs as one program with the block before
//   ```ts signature           a declaration that a script has made of the sources
//   ```text, ```ebnf          no code of ours to run
//
// Any of them with not-run="why" is only to be read.

export interface PageBlock {
  readonly kind: string;
  /** The text of the block, without what it is set in by. */
  readonly code: string;
  /** Of the fence that opens it. */
  readonly line: number;
  readonly file?: string;
  readonly error?: string;
  readonly notRun?: string;
  readonly isContinued: boolean;
  readonly isSignature: boolean;
  /** Where the text of the block is in the page. */
  readonly start: number;
  readonly end: number;
  readonly indent: string;
}

const FENCE = /^( *)```([^\n]*)\n([\s\S]*?)^ *```$/gm;

/** All fenced blocks of a page, in order. */
export function pageBlocks(page: string): PageBlock[] {
  return Array.from(page.matchAll(FENCE), ({ index, 0: whole, 1: indent, 2: info, 3: text }) => {
    const [kind = ''] = info!.split(' ');
    const option = (name: string): string | undefined =>
      info!
        .match(new RegExp(`\\b${name}=(?:"([^"]*)"|(\\S+))`))
        ?.slice(1)
        .find(Boolean);
    const [file, error, notRun] = ['file', 'error', 'not-run'].map(option);
    const start = index + whole.indexOf('\n') + 1;
    return {
      kind,
      code: text!.replace(new RegExp(`^${indent}`, 'gm'), ''),
      line: page.slice(0, index).split('\n').length,
      ...(file && { file }),
      ...(error && { error }),
      ...(notRun && { notRun }),
      isContinued: / continued\b/.test(info!),
      isSignature: / signature\b/.test(info!),
      start,
      end: start + text!.length,
      indent: indent!,
    };
  });
}
