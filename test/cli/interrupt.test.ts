// Ctrl-C and SIGTERM, at whatever time: the process is gone within a second, as the signal ends it, and no file or folder
// is left that is not whole.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { bform, onTerminal, start, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const MOST_MILLISECONDS = 1000;

type Running = ReturnType<typeof start>;
type Signal = 'SIGINT' | 'SIGTERM';

/** How long it took after the signal, and what ended it. */
async function interrupt(child: Running, signal: Signal) {
  expect(child.exitCode).toBe(null);
  const sent = performance.now();
  child.kill(signal);
  const [, endedBy] = await once(child, 'exit');
  return { milliseconds: performance.now() - sent, endedBy };
}

const heavy = at('heavy.bform');
const slow = at('slow.bform');
const bundle = at('bundle');
/** Some 90 MB, to be read, checked and written again. */
const weights = ['--weights', at('heavy', 'weights.safetensors')];
beforeAll(async () => {
  mkdirSync(at('out'));
  const model = (vocab: number, blocks: number) => `edition 1
use std.{attention, embed, ffn, layer_norm, pre_norm, unembed}
block brew(d: dim) {
  let a = attention(heads: 8)
  let f = ffn(hidden: 4 * d)
  pre_norm(layer_norm): a f a f
}
model m { vocab: ${vocab} context: 2048 let blocks = brew(256) embed(256) -> blocks * ${blocks} -> unembed }
`;
  writeFileSync(heavy, model(40_000, 1));
  writeFileSync(slow, model(256, 8));
  for (const [source, made] of [
    [slow, bundle],
    [heavy, at('heavy')],
  ] as const) {
    const { code, stderr } = await bform(['compile', source, '-o', made, '--seed', '1']);
    if (code !== 0) throw new Error(stderr);
  }
});

/** The temporary name of something that is being written, as soon as there is one. */
async function temporary(child: Running): Promise<string> {
  for (;;) {
    const found = readdirSync(at('out')).find((name) => name.startsWith('.'));
    if (found) return found;
    if (child.exitCode !== null) throw new Error('it ended before it wrote');
    await sleep(2);
  }
}

describe('a command that writes', () => {
  const writes = {
    compile: () => start(['compile', heavy, '-o', at('out', 'bundle'), ...weights]),
    export: () =>
      start(['export', 'onnx', heavy, '-o', at('out', 'm.onnx'), '--external', ...weights]),
  };

  it.each([
    ['compile', 'SIGINT', 0],
    ['compile', 'SIGTERM', 30],
    ['compile', 'SIGINT', 60],
    ['export', 'SIGINT', 10],
    ['export', 'SIGTERM', 40],
  ] as const)(
    '(%s) ends by %s %d ms after it began to write, and leaves nothing',
    async (command, signal, wait) => {
      const child = writes[command]();
      await temporary(child);
      await sleep(wait);
      const { milliseconds, endedBy } = await interrupt(child, signal);
      expect(readdirSync(at('out'))).toEqual([]);
      expect(endedBy).toBe(signal);
      expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
    },
  );

  it.each([150, 600, 1200])('ends while it computes, after %d ms', async (wait) => {
    const child = writes.compile();
    await sleep(wait);
    const { milliseconds, endedBy } = await interrupt(child, 'SIGINT');
    expect(readdirSync(at('out'))).toEqual([]);
    expect([endedBy, milliseconds < MOST_MILLISECONDS]).toEqual(['SIGINT', true]);
  });

  it('leaves what it was to replace as it was', async () => {
    const small = ['compile', slow, '-o', at('out', 'bundle'), '--seed', '2'];
    expect((await bform(small)).code).toBe(0);
    writeFileSync(at('out', 'bundle', 'mine.txt'), 'mine');
    const manifest = readFileSync(at('out', 'bundle', 'manifest.json'), 'utf8');
    const child = writes.compile();
    await temporary(child);
    await interrupt(child, 'SIGINT');
    expect(readdirSync(at('out'))).toEqual(['bundle']);
    expect(readFileSync(at('out', 'bundle', 'manifest.json'), 'utf8')).toBe(manifest);
    expect(readFileSync(at('out', 'bundle', 'mine.txt'), 'utf8')).toBe('mine');
  });
});

describe('a command that runs a model', () => {
  const input = at('input.json');
  const tokens = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, (_, i) => i % 256));
  writeFileSync(input, JSON.stringify({ tokens: tokens(8, 2048) }));
  writeFileSync(at('text.txt'), 'many words, one after the other. '.repeat(4000));
  const runs = {
    run: ['run', bundle, '--input', input],
    generate: ['generate', bundle, '--prompt', 'x'.repeat(500), '--tokens', '1500'],
    eval: ['eval', bundle, '--text', at('text.txt'), '--context', '512'],
    verify: ['verify', bundle, '--seq', '512'],
  };

  it.each([
    ['run', 'SIGINT', 2500],
    ['run', 'SIGTERM', 1100],
    ['generate', 'SIGINT', 3000],
    ['generate', 'SIGTERM', 700],
    ['eval', 'SIGINT', 3000],
    ['eval', 'SIGTERM', 1600],
    ['verify', 'SIGINT', 3000],
  ] as const)(
    '(%s) ends by %s within a second, %d ms after its start',
    async (command, signal, wait) => {
      const child = start(runs[command]);
      child.stdout.resume();
      child.stderr.resume();
      await sleep(wait);
      const { milliseconds, endedBy } = await interrupt(child, signal);
      expect(endedBy).toBe(signal);
      expect(milliseconds).toBeLessThan(MOST_MILLISECONDS);
    },
  );

  it('ends by a Ctrl-C that is typed, with the exit code that shells give to it', async () => {
    const terminal = onTerminal(runs.generate);
    await sleep(2500);
    terminal.type('\x03');
    expect((await terminal.ended).code).toBe(130);
  });
});

it('the temporary files of these tests would be seen', async () => {
  const child = start(['compile', heavy, '-o', at('out', 'killed'), ...weights]);
  const name = await temporary(child);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(at('out', name))).toBe(true);
});
