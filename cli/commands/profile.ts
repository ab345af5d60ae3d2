// bform profile: runs a model with each of its kernels timed, beside what the roofline of a device predicts.
import { Command } from 'commander';
import { cost } from '../../compiler/compile.ts';
import type { Roofline } from '../../compiler/cost/roofline.ts';
import { layerNames } from '../../compiler/report/rows.ts';
import { structureOf } from '../../compiler/report/structure.ts';
import { findAdapter } from '../../runtime/device-node.ts';
import { type DeviceProfile, identityOf, rooflineOf } from '../../runtime/device-profile.ts';
import { measuredHere, resolveDevice } from '../device-profiles.ts';
import type { Example } from '../examples.ts';
import { openModel, readWithSource } from '../open-model.ts';
import { wholeNumber } from '../options.ts';
import { profileReport } from '../profile/profile-report.ts';
import { profileText } from '../profile/profile-text.ts';
import { withProgress } from '../progress.ts';
import { randomInputs } from '../random-inputs.ts';
import { sizesOf } from '../report-model.ts';
import { give, printsJson } from '../result.ts';
import { paint, talk } from '../streams.ts';
import { checkFileTarget, writeFiles } from '../write-files.ts';

interface Options {
  readonly batch: number;
  readonly seq?: number;
  readonly device?: string;
  readonly repeats: number;
  readonly seed: number;
  readonly output?: string;
}

export const command = () =>
  new Command('profile')
    .description('run a model and time each of its kernels, beside what a device could do at best')
    .argument('<file|folder>', 'a .bform file (perhaps FILE:model) or a bundle')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 1)
    .option('--seq <t>', "tokens in each; the model's context by default", wholeNumber(1))
    .option(
      '--device <name>',
      'what to predict for: this adapter as probe has measured it, by default; a name of\n' +
        'bform probe --list; or a file',
    )
    .option('--repeats <n>', 'runs, of whose times it shows the medians', wholeNumber(1), 5)
    .option('--seed <n>', 'for the inputs, and for weights that are nowhere', wholeNumber(0), 0)
    .option('-o, --output <file>', 'write to a file instead')
    .action(profile);

export const examples: readonly Example[] = [
  ['bform profile model.bform --seq 256', 'which kernels and which layers take how long'],
  ['bform profile bundle --batch 8 --seq 64 --json', 'of a bundle, as data'],
  ['bform profile model.bform --device rtx-4090', 'beside what another device could do at best'],
];

async function profile(place: string, options: Options): Promise<void> {
  if (options.output !== undefined) checkFileTarget(options.output);
  const { compilation, parts } = await readWithSource(place);
  const sizes = sizesOf(compilation.graph, options);
  const device = await deviceFor(options.device);
  const roofline: Roofline | undefined = device && rooflineOf(device);
  const adapter = identityOf((await findAdapter()).info);
  using session = await openModel(parts, { seed: options.seed });
  const measured = await withProgress('Profiling', 'runs', (onProgress) =>
    session.profile(randomInputs(compilation, sizes, options.seed), {
      repeats: options.repeats,
      onProgress,
    }),
  );
  const names = layerNames(structureOf(compilation.model));
  const report = profileReport(cost(compilation, sizes), measured, roofline, names);
  const data = { ...report, adapter, ...(device && { device }) };
  const text = (bold: (text: string) => string) =>
    profileText(report, { adapter: adapter.description || adapter.device, device, bold });
  if (options.output === undefined) return give(data, () => text(paint('stdout').bold));
  const content = printsJson() ? JSON.stringify(data, null, 2) : text(String);
  await writeFiles(new Map([[options.output, [Buffer.from(`${content}\n`)]]]));
}

async function deviceFor(name: string | undefined): Promise<DeviceProfile | undefined> {
  if (name !== undefined) return resolveDevice(name);
  const here = await measuredHere();
  if (!here.profile)
    talk(
      'note: this adapter has not been measured, so nothing is predicted. To measure it: bform probe',
    );
  return here.profile;
}
