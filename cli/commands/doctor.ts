// bform doctor: can this machine run models, and what mends it if not.
import { Command, Option } from 'commander';
import { diagnose, formatDoctor } from '../../runtime/doctor-node.ts';
import type { Example } from '../examples.ts';
import { Reported } from '../exit.ts';
import { say, sayJson } from '../streams.ts';

export const command = () =>
  new Command('doctor')
    .description('check Node, Dawn and every graphics adapter of this machine')
    .addOption(
      new Option('--format <format>', 'how to print the findings')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async ({ format }: { format: 'text' | 'json' }) => {
      const report = await diagnose();
      if (format === 'json') sayJson(report);
      else say(formatDoctor(report));
      if (!report.ok) throw new Reported();
    });

export const examples: readonly Example[] = [
  ['bform doctor', 'what works, and what to install'],
  ['bform doctor --format json', 'the same as data'],
];
