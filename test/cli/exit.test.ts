// Exit codes: which error ends a command how, class by class, and as processes; and what a report of a fault of ours holds.
import { CommanderError, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf, Reported, UsageError, UserError } from '../../cli/exit.ts';
import { ImportError } from '../../cli/import/import-plan.ts';
import {
  AdapterError,
  DeadlineError,
  DeviceLostError,
  DisposedError,
  InputError,
  KernelError,
  LimitError,
  ManifestError,
  OutOfMemoryError,
  WeightsError,
} from '../../runtime/errors.ts';
import { TokenizerError } from '../../runtime/text/tokenizer.ts';
import { bform, fault } from '../support/cli.ts';

const hello = 'examples/hello/model.bform';
const system = (code: string) => Object.assign(new Error('of the system'), { code });
const nothingAllocates = (): unknown => {
  try {
    return new Float32Array(2 ** 52);
  } catch (error) {
    return error;
  }
};

describe('the exit code', () => {
  it.each<[number, string, unknown[]]>([
    [
      EXIT.input,
      'what the user gave has errors',
      [
        new Reported(),
        new UserError('x'),
        new ImportError('x'),
        new TokenizerError('x'),
        new ManifestError('x'),
        new WeightsError('x'),
        new InputError('x'),
        new DisposedError('x'),
      ],
    ],
    [
      EXIT.usage,
      'the command line is wrong',
      [new UsageError('x'), new InvalidArgumentError('x'), new CommanderError(1, 'c', 'x')],
    ],
    [
      EXIT.machine,
      'the machine cannot',
      [
        new AdapterError('x'),
        new OutOfMemoryError('x'),
        new DeviceLostError('x'),
        new DeadlineError('The run', 5),
        new LimitError('x'),
        nothingAllocates(),
        ...['ENOSPC', 'EACCES', 'EROFS', 'EMFILE'].map(system),
      ],
    ],
    [
      EXIT.bug,
      'the fault is ours',
      [new KernelError('x'), new TypeError('x'), new RangeError('x'), system('ENOENT'), 'a string'],
    ],
    [EXIT.fine, 'help was asked for', [new CommanderError(0, 'commander.help', 'x')]],
  ])('is %d where %s', (code, _what, errors) => {
    expect(errors.map(exitCodeOf)).toEqual(errors.map(() => code));
  });

  it('is 3 of a process without an adapter', async () => {
    const { code, stdout, stderr } = await bform(['run', hello, '--input', '-'], {
      input: '{"tokens": [[1]]}',
      env: { VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '' },
    });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('error: No graphics adapter was found');
    expect(stderr).toContain('bform doctor');
  });
});

describe('a fault of ours', () => {
  it('ends with 70 and a report of all that is needed to look into it', async () => {
    const { code, stderr } = await bform(['explain', 'BF1005'], {
      env: fault('process.stdout.write = () => { throw new TypeError("out!"); };'),
    });
    expect(code).toBe(70);
    expect(stderr).toMatch(
      /^error: out!\nThis is a fault of bform's, not yours\. Please report it/,
    );
    expect(stderr).toMatch(/\n {2}bform {4}\d+\.\d+\.\d+\n/);
    expect(stderr).toContain(`\n  node     ${process.versions.node}\n`);
    expect(stderr).toContain(`\n  system   ${process.platform} ${process.arch} `);
    expect(stderr).toContain('\n  command  bform explain BF1005\n');
    expect(stderr).toMatch(/\n {2}TypeError: out!\n {6}at .*streams\.js/s);
  });

  it('is told of also where nothing waits for it', async () => {
    const late = fault('setTimeout(() => { throw new TypeError("late"); }, 300);');
    const { code, stderr } = await bform(['doctor'], { env: late });
    expect(code).toBe(70);
    expect(stderr).toContain('error: late\nThis is a fault');
  });
});
