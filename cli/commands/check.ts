// bform check: parses and checks a file and everything it uses, without compiling.
import { Command, Option } from 'commander';
import { check } from '../../compiler/compile.ts';
import { toJson } from '../../compiler/diagnostics/render.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { give } from '../result.ts';
import { openEntry } from '../source-reader.ts';

export const command = () =>
  new Command('check')
    .description('check every layer, block and model of a file')
    .argument('<file>', 'a .bform file')
    .addOption(
      new Option('--format <format>', 'how to print diagnostics')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action((file: string) => {
      const { path, reader } = openEntry(file);
      const outcome = check(path, reader);
      resultOf(outcome);
      give({ diagnostics: toJson(outcome.diagnostics) }, () => `${path}: no errors`);
    });

export const examples: readonly Example[] = [
  ['bform check model.bform', 'every layer, block and model of a file'],
  ['bform check model.bform --format json', 'the diagnostics as data'],
];
