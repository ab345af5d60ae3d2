// Progress bars: when they come, what they say, that they go; and that no command shows one where no terminal is.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressBar, timeText, withProgress, withStepBars } from '../../cli/progress.ts';
import { onTerminal, start, temporaryFolder } from '../support/cli.ts';

describe('a progress bar', () => {
  let written = '';
  beforeEach(() => {
    written = '';
    vi.useFakeTimers();
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += text;
      return true;
    });
    onStderr({ isTTY: true });
  });
  const before = process.stderr.isTTY;
  const onStderr = ({ isTTY }: { isTTY: boolean }) =>
    Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    onStderr({ isTTY: before });
  });
  const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);
  const shown = () => stripVTControlCharacters(written);

  it('comes when two seconds have passed, with the rate and the time that is left', () => {
    const bar = progressBar('Evaluating', 'tokens');
    pass(200);
    bar.update(100, 1000);
    expect(shown()).toBe('');
    pass(1900);
    bar.update(420, 1000);
    expect(shown()).toMatch(/^Evaluating [█░]+ 42% \| 200 tokens\/s \| 3 s left$/m);
    bar.stop();
  });

  it('comes sooner where the work will surely take longer', () => {
    const bar = progressBar('Writing', 'B');
    pass(300);
    bar.update(3_000_000, 300_000_000);
    expect(shown()).toContain('1% | 10.0 MB/s | 30 s left');
    bar.stop();
  });

  it('does not come for work that is soon done, and not where there is no terminal', () => {
    const quick = progressBar('Reading', 'B');
    pass(300);
    quick.update(50, 100);
    pass(300);
    quick.update(100, 100);
    quick.stop();
    onStderr({ isTTY: false });
    const slow = progressBar('Reading', 'B');
    pass(9000);
    slow.update(50, 100);
    slow.stop();
    expect(written).toBe('');
  });

  it('is gone at the end, also where the work fails', async () => {
    const work = withProgress('Evaluating', '', (update) => {
      pass(3000);
      update(1, 2);
      throw new Error('of the work');
    });
    await expect(work).rejects.toThrow('of the work');
    // To the first column, and all of the line cleared.
    expect(written).toMatch(/50% \| 3 s left/);
    expect(written.endsWith('\u001b[1G\u001b[2K')).toBe(true);
  });

  it('is one for each step, and leaves the terminal as it was', async () => {
    await withStepBars((onStep) => {
      for (const step of ['draw', 'upload'] as const)
        for (const done of [1, 2, 3]) {
          pass(1500);
          onStep({ step, done, total: 3 });
        }
    });
    expect(shown()).toMatch(/Drawing weights.*Uploading weights/s);
    // Line wrapping and the cursor: a process that is killed could not turn them on again.
    for (const off of ['\u001b[?7l', '\u001b[?25l']) expect(written).not.toContain(off);
  });
});

it.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 5 min'],
  [Number.POSITIVE_INFINITY, '?'],
])('%d seconds are %s', (seconds, text) => expect(timeText(seconds)).toBe(text));

describe('a command that takes long', () => {
  const folder = temporaryFolder();
  const text = join(folder, 'long.txt');
  writeFileSync(text, 'word '.repeat(1_000_000));
  const evaluate = ['eval', 'examples/hello/model.bform', '--text', text, '--context', '64'];

  it('shows a bar on a terminal', async () => {
    const terminal = onTerminal(evaluate);
    const isShown = () =>
      /Evaluating [█░]+ \d+% \| [\d.]+ tokens\/s \| [\dhmins ]+ left/.test(terminal.screen());
    await vi.waitUntil(isShown, { timeout: 60_000, interval: 50 });
    terminal.type('\x03');
    expect((await terminal.ended).code).toBe(130);
  });

  it('shows none in a pipe', async () => {
    const child = start(evaluate);
    let talked = '';
    child.stderr.setEncoding('utf8').on('data', (part) => {
      talked += part;
    });
    await sleep(4000);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(talked).toContain('There is no tokenizer');
    expect(talked).not.toContain('Evaluating');
  });
});
