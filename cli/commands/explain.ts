// bform explain: more about a code of a diagnostic.
import { Command } from 'commander';
import { CODES, type Code } from '../../compiler/diagnostics/codes.ts';
import { suggest } from '../../compiler/diagnostics/suggest.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { say } from '../streams.ts';

export const command = () =>
  new Command('explain')
    .description('say more about the code of a diagnostic')
    .argument('<code>', 'such as BF2103')
    .action((text: string) => {
      const code = text.toUpperCase();
      if (!isCode(code)) {
        const near = suggest(code, Object.keys(CODES));
        throw new UsageError(`There is no code ${text}.${near ? ` Did you mean ${near}?` : ''}`);
      }
      const { title, explanation } = CODES[code];
      say(`${code}: ${title}\n\n${explanation}`);
    });

export const examples: readonly Example[] = [
  ['bform explain BF2025', 'what a code means, and what mends it'],
  ['bform explain bf1005', 'small letters do as well'],
];

const isCode = (code: string): code is Code => Object.hasOwn(CODES, code);
