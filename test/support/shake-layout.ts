// Other white space between the tokens of a file, and comments where there were none, for the formatter to put in order.
// What comes out may mean something else, or nothing: some line breaks are part of the language.
import type { SourceFile } from '../../compiler/source.ts';
import { lex } from '../../grammar/lex.ts';
import type { Dice } from './dice.ts';

const GAPS = [' ', '  ', '     ', '\t', '\n', '\n\n', '\n   ', '\r\n', ' \n\n\n\n'];
const REMARKS = [
  ' // behind\n',
  '// close\n',
  '\n// own\n',
  '\n\n  // apart\n\n',
  '\n/// doc\n',
  ' /// doc behind\n',
  '  // two\n  // in a row\n',
];

/** Changes about `share` of the gaps. Gaps without white space stay without, so that no two words become one. */
export function shakeLayout(file: SourceFile, share: number, dice: Dice): string {
  return between(file, (gap) => {
    if (!dice.chance(share)) return gap;
    const remark = dice.chance(0.3) ? dice.pick(REMARKS) : '';
    return remark + (gap === '' ? '' : dice.pick(GAPS));
  });
}

/** The file once for each gap between its tokens, with the remark put in there. */
export function withRemarkEverywhere(file: SourceFile, remark: string): string[] {
  let gaps = 0;
  between(file, (gap) => {
    gaps++;
    return gap;
  });
  return Array.from({ length: gaps }, (_, chosen) => {
    let at = 0;
    return between(file, (gap) => (at++ === chosen ? `${remark}${gap}` : gap));
  });
}

function between(file: SourceFile, replace: (gap: string) => string): string {
  const tokens = lex(file, () => {})?.tokens ?? [];
  let text = '';
  let end = 0;
  for (const { startOffset, image } of tokens) {
    text += replace(file.text.slice(end, startOffset)) + image;
    end = startOffset + image.length;
  }
  return text + replace(file.text.slice(end));
}
