// bform verify: a bundle on this machine's device against the float64 reference, layer by layer.
import { Command, Option } from 'commander';
import { loadBundle } from '../../runtime/load-node.ts';
import type { Manifest } from '../../runtime/manifest.ts';
import { resultOf } from '../diagnostics.ts';
import type { Example } from '../examples.ts';
import { Reported, UsageError } from '../exit.ts';
import { openModel, weightsOf } from '../open-model.ts';
import { number, wholeNumber } from '../options.ts';
import { withProgress, withStepBars } from '../progress.ts';
import { give } from '../result.ts';
import { compileRecord, recordOf } from '../source-record.ts';
import { paint, talk } from '../streams.ts';
import { checkSame, type Deviation, largestByName, verifyBundle } from '../verify/verify-bundle.ts';

interface Options {
  readonly batch: number;
  readonly seq: number;
  readonly seed: number;
  readonly tolerance: number;
  readonly format: 'table' | 'json';
}

export const command = () =>
  new Command('verify')
    .description('hold what a bundle computes on this device against a float64 reference')
    .argument('<folder>', 'a bundle')
    .option('--batch <b>', 'sequences at once', wholeNumber(1), 2)
    .option('--seq <t>', 'tokens in each', wholeNumber(1), 8)
    .option(
      '--seed <n>',
      'for the inputs, and for weights where the bundle has none',
      wholeNumber(0),
      0,
    )
    .option('--tolerance <x>', 'the largest error that passes', number(1), 1e-4)
    .addOption(
      new Option('--format <format>', 'a table for people, JSON for programs')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(verify);

export const note =
  'An error is the largest difference in a tensor over its largest value. Ends with code 1 where one is ' +
  'over the tolerance. The reference is slow: it does some hundred million multiply-adds in a second.';

export const examples: readonly Example[] = [
  ['bform verify bundle', 'on two sequences of eight tokens'],
  ['bform verify bundle --batch 1 --seq 32 --tolerance 1e-5', 'longer, and more strictly'],
];

async function verify(folder: string, options: Options): Promise<void> {
  const bundle = await withStepBars((onStep) => loadBundle(folder, onStep));
  const { manifest } = bundle;
  const compilation = resultOf(compileRecord(recordOf(bundle, folder)));
  await checkSame(manifest, compilation);
  const sizes = sizesOf(manifest, options);
  const weights = await weightsOf(bundle, options.seed);
  using session = await openModel({ ...bundle, weights });
  const { values, outputs } = await withProgress(
    'Computing the reference',
    'values',
    (onProgress) =>
      verifyBundle(session, compilation, weights, { sizes, seed: options.seed, onProgress }),
  );
  const layers = largestByName(values);
  const { tolerance } = options;
  give({ sizes, tolerance, layers: layers.map(printable), outputs: outputs.map(printable) }, () =>
    table(layers, outputs, tolerance),
  );
  const isWrong = ({ error }: Deviation) => !(error <= options.tolerance);
  const first = [...values, ...outputs].find(isWrong);
  if (!first) return;
  const count = [...layers, ...outputs].filter(isWrong).length;
  talk(`error: ${count} over the tolerance of ${options.tolerance}, first ${nameOf(first)}`);
  throw new Reported();
}

/** JSON has no infinity. */
const printable = ({ name, error }: Deviation) => ({
  name,
  error: Number.isFinite(error) ? error : String(error),
});

function sizesOf({ symbols }: Manifest, { batch, seq }: Options): Record<string, number> {
  return Object.fromEntries(
    symbols.map(({ name, min, max = Number.MAX_SAFE_INTEGER }) => {
      const value = name === 'b' ? batch : name === 't' ? seq : min;
      if (value >= min && value <= max) return [name, value];
      throw new UsageError(`${name} = ${value} is outside the model's limits: ${min} to ${max}.`);
    }),
  );
}

const nameOf = ({ name }: Deviation): string => (name === '' ? '(model)' : name);

function table(
  layers: readonly Deviation[],
  outputs: readonly Deviation[],
  tolerance: number,
): string {
  const rows = [
    ...layers,
    ...outputs.map(({ name, error }) => ({ name: `output ${name}`, error })),
  ];
  const width = Math.max(...rows.map((row) => nameOf(row).length));
  const { red } = paint('stdout');
  const line = (row: Deviation) => {
    const error = row.error === 0 ? 'equal' : row.error.toExponential(1);
    const mark = row.error <= tolerance ? '' : `  ${red('over the tolerance')}`;
    return `${nameOf(row).padEnd(width)}  ${error.padStart(8)}${mark}`;
  };
  return rows.map(line).join('\n');
}
