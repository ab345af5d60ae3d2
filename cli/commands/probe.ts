// bform probe: how fast this adapter is, measured and kept for reports and profiles; and which devices are known.
import { Command } from 'commander';
import { ridgePoint } from '../../compiler/cost/roofline.ts';
import { alignedLines } from '../../compiler/report/aligned.ts';
import { duration, threeDigits, withPrefix } from '../../compiler/report/quantities.ts';
import { openDevice } from '../../runtime/device-node.ts';
import {
  type DeviceProfile,
  type MeasuredProfile,
  rooflineOf,
  type Spread,
} from '../../runtime/device-profile.ts';
import { measureDevice } from '../../runtime/measure-device.ts';
import {
  profileBytes,
  shippedProfiles,
  shortName,
  storedProfiles,
  storeProfile,
} from '../device-profiles.ts';
import type { Example } from '../examples.ts';
import { UsageError } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import { withProgress } from '../progress.ts';
import { give } from '../result.ts';
import { paint, talk } from '../streams.ts';
import { checkFileTarget, writeFiles } from '../write-files.ts';

interface Options {
  readonly list?: boolean;
  readonly repeats: number;
  readonly output?: string;
}

export const command = () =>
  new Command('probe')
    .description('measure how fast this adapter computes, moves bytes and is launched, and keep it')
    .option('--list', 'show what is known instead: measured here, and from data sheets')
    .option(
      '--repeats <n>',
      'measurements of each figure, of which it is the median',
      wholeNumber(1),
      7,
    )
    .option('-o, --output <file>', 'write the profile to a file too')
    .action((options: Options) => (options.list ? list(options) : probe(options)));

export const note =
  'The profile is kept in the cache folder for this adapter and driver, for `--device this` of report ' +
  'and profile. A multiply-add is 2 FLOPs; bytes are those read and those written, together. Let ' +
  'nothing else run meanwhile.';

export const examples: readonly Example[] = [
  ['bform probe', 'measure, show and keep the figures of this adapter'],
  [
    'bform probe --json -o laptop.json',
    'as data, and to a file that --device takes on another machine',
  ],
  ['bform probe --list', 'the names that --device takes'],
];

async function probe({ repeats, output }: Options): Promise<void> {
  if (output !== undefined) checkFileTarget(output);
  const device = await openDevice();
  const profile = await withProgress('Measuring', '', (onProgress) =>
    measureDevice(device, { repeats, onProgress }),
  ).finally(() => device.destroy());
  const file = await storeProfile(profile);
  if (output !== undefined) await writeFiles(new Map([[output, [profileBytes(profile)]]]));
  give(profile, () => profileText(profile));
  talk(`Kept for --device this: ${file}`);
  if (isUnsteady(profile))
    talk(
      'note: the repeats differ by more than half: something else runs here. Better measured again.',
    );
}

/** Whether one repeat had much more of the device than another. */
const isUnsteady = ({ spread }: MeasuredProfile): boolean =>
  [spread.flops, spread.bytesPerSecond].some(({ least, most }) => most > UNSTEADY * least);

const UNSTEADY = 1.5;

const FIGURES = [false, true, true, true, false];

function profileText(profile: MeasuredProfile): string {
  const { bold } = paint('stdout');
  const { name, class: kind, adapter, timing, spread, by } = profile;
  const rows: string[][] = [];
  const add = (what: string, median: number, { least, most }: Spread, text: Text, how = '') =>
    rows.push([what, text(median), text(least), text(most), how]);
  const flops: Text = (value) => withPrefix(value, 'FLOP/s');
  add('multiply-adds f32', profile.flops, spread.flops, flops, by.flops);
  if (profile.flopsF16 !== undefined && spread.flopsF16)
    add('multiply-adds f16', profile.flopsF16, spread.flopsF16, flops, by.flopsF16);
  const bytes: Text = (value) => withPrefix(value, 'B/s');
  add('bytes moved', profile.bytesPerSecond, spread.bytesPerSecond, bytes, by.bytesPerSecond);
  add('a dispatch', profile.dispatchMs, spread.dispatchMs, duration);
  add('a submit', profile.submitMs, spread.submitMs, duration);
  return [
    `${name}${kind ? `, ${kind}` : ''}: medians of ${spread.repeats}, passes timed by ${timing}`,
    adapter.description,
    '',
    ...alignedLines(
      { titles: ['', 'median', 'least', 'most', 'by'], numeric: FIGURES, rows },
      bold,
    ),
    '',
    `${threeDigits(ridgePoint(rooflineOf(profile)))} FLOPs in f32 take as long as moving one byte.`,
  ].join('\n');
}

type Text = (value: number) => string;

function list({ output }: Options): void {
  if (output !== undefined) throw new UsageError('--list writes no file.');
  const profiles: readonly DeviceProfile[] = [...storedProfiles(), ...shippedProfiles()];
  give(profiles, () => listText(profiles));
}

function listText(profiles: readonly DeviceProfile[]): string {
  const rows = profiles.map((profile) => {
    const { dispatchMs, submitMs } = rooflineOf(profile);
    const known = profile.kind === 'measured';
    return [
      shortName(profile.name),
      profile.kind,
      withPrefix(profile.flops, 'FLOP/s'),
      profile.flopsF16 === undefined ? '' : withPrefix(profile.flopsF16, 'FLOP/s'),
      withPrefix(profile.bytesPerSecond, 'B/s'),
      known ? duration(dispatchMs) : '',
      known ? duration(submitMs) : '',
      known ? profile.date.slice(0, 10) : '',
    ];
  });
  const titles = ['device', 'kind', 'f32', 'f16', 'bytes', 'dispatch', 'submit', 'date'];
  const numeric = titles.map((_, at) => at > 1);
  return alignedLines({ titles, numeric, rows }, paint('stdout').bold).join('\n');
}
