// A profile as text for a terminal: the kernels in the order in which they run, then the layers; either adds up to the
// wall clock.
import { alignedLines } from '../../compiler/report/aligned.ts';
import { duration, percent, withPrefix } from '../../compiler/report/quantities.ts';
import { type DeviceProfile, rooflineOf } from '../../runtime/device-profile.ts';
import type { Figures, ProfileReport } from './profile-report.ts';

export interface TextOptions {
  /** What it was measured on. */
  readonly adapter: string;
  /** What it was predicted for. */
  readonly device?: DeviceProfile | undefined;
  /** What makes of a heading what it is on a terminal. */
  readonly bold: (text: string) => string;
}

export function profileText(report: ProfileReport, options: TextOptions): string {
  const { kernels, layers } = report;
  const named = kernels.map(({ label, dispatches, ...figures }) => ({
    ...figures,
    words: [label, String(dispatches.length)] as const,
  }));
  const paths = layers.map(({ path, layer, ...figures }) => ({
    ...figures,
    words: [path || '(model)', layer] as const,
  }));
  return [
    ...header(report, options),
    '',
    ...table(['kernel', 'runs'], named, report, options),
    '',
    ...table(['path', 'layer'], paths, report, options),
  ].join('\n');
}

function header(report: ProfileReport, { adapter, device }: TextOptions): string[] {
  const { model, sizes, repeats, method, resolutionNs, timingMs, wallMs } = report;
  const at = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  const how =
    method === 'timestamps'
      ? `timed by the device's clock, which goes in steps of ${resolutionNs} ns`
      : 'submitted alone and timed by the wall clock, since the device shows no clock';
  const lines = [
    `${model}: one forward run at ${at.join(', ')} on ${adapter}`,
    `Medians of ${repeats}; the wall clock was ${duration(wallMs.least)} to ${duration(wallMs.most)}.`,
    `Each dispatch was ${how}${timingMs > 0 ? `, less ${duration(timingMs)} that this adds` : ''}.`,
    'FLOP/s: 2 for each multiply-add; other arithmetic is not in it. B/s: what a dispatch reads and writes, each element once.',
    'A kernel that computes several layers has its time shared among them by their work.',
  ];
  if (!device) return lines;
  const { flops, bytesPerSecond, dispatchMs } = rooflineOf(device);
  const launch =
    device.kind === 'measured' ? `${duration(dispatchMs)} a dispatch` : 'launch costs not known';
  const from = device.kind === 'measured' ? `measured ${device.date.slice(0, 10)}` : 'data sheet';
  return [
    ...lines,
    `Predicted for ${device.name} (${from}: ${withPrefix(flops, 'FLOP/s')}, ${withPrefix(bytesPerSecond, 'B/s')}, ${launch}):`,
    'the longer of computing and moving bytes, and the dispatches. Of roofline: that without dispatches, over what was measured.',
  ];
}

type Row = Figures & { readonly words: readonly [string, string] };

/** Columns of predictions only where there are any. */
function table(
  titles: readonly [string, string],
  rows: readonly Row[],
  { betweenMs, run, predictedMs }: ProfileReport,
  { bold }: TextOptions,
): string[] {
  const heads = [...titles, 'measured', 'share', 'FLOP/s', 'B/s'];
  const predictedHeads = predictedMs === undefined ? [] : ['predicted', 'of roofline', 'bound'];
  const predictedSum = rows.reduce((sum, { predicted }) => sum + (predicted?.ms ?? 0), 0);
  const rest = (name: string, ms: number, predicted: number) => [
    ...[name, '', duration(ms), percent(ms / run.wallMs), '', ''],
    ...(predictedMs === undefined ? [] : [duration(predicted), '', '']),
  ];
  const columns = [...heads, ...predictedHeads];
  return alignedLines(
    {
      titles: columns,
      numeric: columns.map((column) => !WORDS.has(column)),
      rows: [
        ...rows.map(cells),
        rest('between kernels', betweenMs, (predictedMs ?? 0) - predictedSum),
      ],
      total: rest('wall clock', run.wallMs, predictedMs ?? 0),
    },
    bold,
  );
}

const WORDS = new Set(['kernel', 'path', 'layer', 'bound']);

const cells = ({ words, predicted, ...row }: Row): string[] => [
  ...words,
  duration(row.ms),
  percent(row.share),
  row.flops > 0 ? withPrefix(row.flopsPerSecond, '') : '',
  row.bytes > 0 ? withPrefix(row.bytesPerSecond, '') : '',
  ...(predicted ? [duration(predicted.ms), percent(predicted.ofRoofline), predicted.bound] : []),
];
