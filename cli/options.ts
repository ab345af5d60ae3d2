// Values of options and arguments, checked as they are parsed. Wrong ones end the program with exit code 2.
import { InvalidArgumentError, Option } from 'commander';

/** A whole number, `least` or more. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${least} or more.`);
  };

/** A number that is not negative; `most` is included. */
export const number =
  (most: number = Number.MAX_VALUE) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= 0 && value <= most) return value;
    const range = most === Number.MAX_VALUE ? '0 or more' : `from 0 to ${most}`;
    throw new InvalidArgumentError(`It must be a number, ${range}.`);
  };

/** `model.bform:tiny` names one of several models of a file. A drive letter (`C:\...`) is no file. */
export function fileAndModel(argument: string): { file: string; model?: string } {
  const match = /^(.+):([A-Za-z_]\w*)$/.exec(argument);
  return match ? { file: match[1]!, model: match[2]! } : { file: argument };
}

/** For devices that bind more bytes at once than every device must: larger weights, but not for all. In bytes. */
export const bindingLimit = (): Option =>
  new Option(
    '--binding-limit <MiB>',
    'what the devices that will run it bind at once; every device binds 128',
  ).argParser((text: string) => wholeNumber(1)(text) * 2 ** 20);

/** Losses and measured values as outputs beside the result. */
export const auxiliaryOutputs = (): Option =>
  new Option(
    '--auxiliary',
    'also compute the losses and measured values that layers declare',
  ).default(false);

/** Kernels for the adapter at hand instead of those in the bundle. */
export const rebuilt = (): Option =>
  new Option(
    '--rebuild',
    'of a bundle: write its kernels anew from its source, for the adapter at hand',
  ).default(false);

/** `--set layers=6`, as often as wanted. */
export const argumentOf = (what: string): Option =>
  new Option('--set <name=value>', `a parameter of ${what}, instead of its default`)
    .default({}, 'none')
    .argParser((text: string, before: Readonly<Record<string, string>>) => {
      const match = /^([A-Za-z_]\w*)=(.+)$/.exec(text);
      if (!match) throw new InvalidArgumentError('It must look like layers=6.');
      return { ...before, [match[1]!]: match[2]! };
    });
