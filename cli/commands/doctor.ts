// bform doctor: can this machine run models, and what mends it if not.
import { Command } from 'commander';
import { diagnose, formatDoctor } from '../../runtime/doctor-node.ts';
import type { Example } from '../examples.ts';
import { Reported } from '../exit.ts';
import { give } from '../result.ts';
import { paint } from '../streams.ts';

export const command = () =>
  new Command('doctor')
    .description('check Node, Dawn and every graphics adapter of this machine')
    .action(async () => {
      const report = await diagnose();
      give(report, () => withBoldLabels(formatDoctor(report)));
      if (!report.ok) throw new Reported();
    });

export const examples: readonly Example[] = [
  ['bform doctor', 'what works, and what to install'],
  ['bform doctor --json', 'the same as data'],
];

/** The word at the start of a line of facts. */
const withBoldLabels = (text: string): string =>
  text.replace(/^\w+(?= {2}|$)/gm, paint('stdout').bold);
