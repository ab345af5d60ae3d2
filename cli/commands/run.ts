// bform run: inputs as JSON in, outputs as JSON out.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { RunInput } from '../../runtime/inputs.ts';
import type { TensorOutput } from '../../runtime/read-outputs.ts';
import type { Example } from '../examples.ts';
import { UserError } from '../exit.ts';
import { openModel, readModel } from '../open-model.ts';
import { auxiliaryOutputs, rebuilt, wholeNumber } from '../options.ts';
import { say } from '../streams.ts';

interface Options {
  readonly input: string;
  readonly seed?: number;
  readonly auxiliary: boolean;
  readonly deadline?: number;
  readonly rebuild: boolean;
}

export const command = () =>
  new Command('run')
    .description('run a model once on the inputs of a JSON file')
    .argument('<file|folder>', 'a .bform file (perhaps FILE:model) or a bundle')
    .requiredOption('--input <file>', 'such as {"tokens": [[1, 403]]}; - for the standard input')
    .option('--seed <n>', 'draws the weights where there are none', wholeNumber(0))
    .option('--deadline <ms>', 'gives up when the run takes longer', wholeNumber(1))
    .addOption(auxiliaryOutputs())
    .addOption(rebuilt())
    .action(run);

export const examples: readonly Example[] = [
  ['bform run bundle --input inputs.json', 'a compiled model'],
  [
    'echo \'{"tokens": [[72, 105]]}\' | bform run model.bform --input -',
    'a file, with weights drawn at random',
  ],
  ['bform run model.bform --input inputs.json --auxiliary', 'also the losses and measured values'],
];

async function run(
  place: string,
  { input, seed, auxiliary, deadline, rebuild }: Options,
): Promise<void> {
  const inputs = readInputs(input);
  using session = await openModel(await readModel(place, { auxiliary, rebuild }), { seed });
  const outputs = await session.run(inputs, deadline === undefined ? {} : { deadline });
  const nested = Object.entries(outputs).map(([name, tensor]) => [name, nest(tensor)]);
  say(JSON.stringify(Object.fromEntries(nested)));
}

function readInputs(file: string): Record<string, RunInput> {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`The inputs cannot be read: ${(error as Error).message}`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, RunInput>;
  } catch (error) {
    throw new UserError(`${file} is not valid JSON: ${(error as Error).message}`);
  }
  throw new UserError(`${file} must hold an object, such as {"tokens": [[1, 403]]}.`);
}

type Nested = number | null | Nested[];

/** JSON has no infinities and no NaN: they become null. */
function nest({ data, shape }: TensorOutput): Nested {
  const level = (axis: number, start: number, length: number): Nested => {
    if (axis === shape.length) return data[start]!;
    const step = shape[axis] === 0 ? 0 : length / shape[axis]!;
    return Array.from({ length: shape[axis]! }, (_, i) => level(axis + 1, start + i * step, step));
  };
  return level(0, 0, data.length);
}
