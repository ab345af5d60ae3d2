// bform report and bform diff, as processes: every format, decoding, predicted times, formulas and inverse questions.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bform, temporaryFolder } from '../support/cli.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const MODEL = 'examples/gpt2-tiny/model.bform';
const PERMUTATION = 'examples/permutation/model.bform';

async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await bform(args);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const json = async (...args: string[]) => JSON.parse(await output(...args, '--json'));

describe('bform report', () => {
  it('says the same in every format', async () => {
    const data = await json('report', MODEL, '--seq', '128');
    expect(data.params.total).toBe(384_864);
    const table = await output('report', MODEL, '--seq', '128');
    expect(table).toContain('384,864');
    expect(table).toContain(data.flops.forward.toLocaleString('en-US'));
    const csv = await output('report', MODEL, '--seq', '128', '--format', 'csv');
    const [head, ...lines] = csv
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    const sum = lines.reduce((all, line) => all + Number(line[head!.indexOf('flops')]), 0);
    expect(sum).toBe(data.flops.forward);
    const markdown = await output('report', MODEL, '--seq', '128', '--format', 'markdown');
    expect(markdown).toContain('| parameters | 384,864 (384.9k) |');
  });

  it('writes a file whole, and nothing else to standard output', async () => {
    const file = at('report.csv');
    expect(await output('report', MODEL, '--format', 'csv', '-o', file)).toBe('');
    expect(readFileSync(file, 'utf8')).toContain('gpt2_tiny,blocks.*.a,attention,attend');
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('writes a page, of one model and of several, with the figures of the other formats', async () => {
    const file = at('report.html');
    expect(await output('report', MODEL, '--seq', '128', '--format', 'html', '-o', file)).toBe('');
    const page = readFileSync(file, 'utf8');
    const data = await json('report', MODEL, '--seq', '128');
    expect(page).toMatch(/^<!doctype html>\n/);
    expect(page).toContain(data.params.total.toLocaleString('en-US'));
    expect(page).toContain(data.flops.forward.toLocaleString('en-US'));
    const several = await output('report', MODEL, PERMUTATION, '--format', 'html');
    expect(several).toContain('<h2>Side by side</h2>');
    expect(several.match(/role="tabpanel"/g)).toHaveLength(2);
  });

  it('sets several models side by side', async () => {
    const text = await output('report', MODEL, PERMUTATION, '--seq', '64');
    expect(text).toMatch(/gpt2_tiny +permutation/);
    expect(text).toMatch(/^parameters +384\.9k +477\.7k \(1\.24 x\)$/m);
    const both = await json('report', MODEL, PERMUTATION, '--seq', '64');
    expect(both.map(({ model }: { model: string }) => model)).toEqual(['gpt2_tiny', 'permutation']);
  });

  it('counts a decoding step, whose keys and values are kept', async () => {
    const [short, long] = [
      await json('report', MODEL, '--mode', 'decode', '--seq', '1'),
      await json('report', MODEL, '--mode', 'decode', '--seq', '200'),
    ];
    expect(long.mode).toBe('decode');
    expect(long.bytes.moved - short.bytes.moved).toBe(199 * long.bytes.cachePerToken);
    expect(long.bytes.cache).toBe(200 * long.bytes.cachePerToken);
    expect(long.memory).toBeUndefined();
  });

  it('predicts times for a device from its data sheet, and says that it is one', async () => {
    const data = await json('report', MODEL, '--device', 'rtx-4090');
    expect(data.device.kind).toBe('data sheet');
    expect(data.predictedMs).toBeGreaterThan(0);
    expect(data.rows.every((row: { bound?: string }) => row.bound !== undefined)).toBe(true);
    expect(await output('report', MODEL, '--device', 'rtx-4090')).toContain('(data sheet)');
  });

  it('halves what is stored in f16', async () => {
    const [whole, half] = [
      await json('report', MODEL),
      await json('report', MODEL, '--dtype', 'f16'),
    ];
    expect(half.bytes.weights * 2).toBe(whole.bytes.weights);
    expect(half.bytes.cachePerToken * 2).toBe(whole.bytes.cachePerToken);
    expect(half.flops).toEqual(whole.flops);
  });

  it('prints formulas, also in parameters left open', async () => {
    const data = await json(
      'report',
      'stdlib/papers/gpt2.bform',
      '--symbolic',
      '--open',
      'layers,d',
    );
    expect(data.total.parameters).toBe('12*d^2*layers + 13*d*layers + 51283*d');
    expect(data.total.flops).toBe(
      '2*b*d*layers*t^2 + 24*b*d^2*layers*t + 2*b*d*layers*t + 100514*b*d*t',
    );
  });

  it('finds the largest size within a limit: it fits, and the next does not', async () => {
    const limit = 3_000_000;
    const {
      value,
      at: there,
      next,
    } = await json(
      'report',
      MODEL,
      '--solve',
      'batch',
      '--seq',
      '64',
      '--max-memory',
      String(limit),
    );
    expect(there.memory).toBeLessThanOrEqual(limit);
    expect(next.at.memory).toBeGreaterThan(limit);
    const report = await json('report', MODEL, '--batch', String(value), '--seq', '64');
    expect(report.memory.total).toBe(there.memory);
  });

  it('finds a parameter, among the values that the model takes', async () => {
    const { value, next } = await json(
      'report',
      'stdlib/papers/gpt2.bform',
      '--solve',
      'layers',
      '--max-params',
      '200M',
    );
    // 12 d^2 + 13 d for each layer, 51283 d besides.
    expect(value).toBe(Math.floor((200e6 - 51283 * 768) / (12 * 768 ** 2 + 13 * 768)));
    expect(next.value).toBe(value + 1);
  });
});

describe('mistakes of bform report', () => {
  const mistake = async (code: number, pattern: RegExp, ...args: string[]) => {
    const ended = await bform(args);
    expect(ended.stderr).toMatch(pattern);
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe('');
  };

  it('are told: no file, sizes beyond the model, an unknown device', async () => {
    await mistake(1, /nothing\.bform/, 'report', 'nothing.bform');
    await mistake(
      2,
      /t = 9999 is outside the model's limits: 1 to 256/,
      'report',
      MODEL,
      '--seq',
      '9999',
    );
    await mistake(2, /Did you mean rtx-4090/, 'report', MODEL, '--device', 'rtx-409');
  });

  it('are told: training, a model that looks ahead, a question without a limit', async () => {
    await mistake(2, /no training yet/, 'report', MODEL, '--mode', 'train');
    const open = at('open.bform');
    writeFileSync(
      open,
      `use std.{attention, embed, bidirectional, layer_norm, unembed}
model open { vocab: 16  context: 8  embed(8) -> attention(heads: 2, mask: bidirectional) -> layer_norm -> unembed }
`,
    );
    await mistake(1, /cannot be decoded token by token/, 'report', open, '--mode', 'decode');
    await mistake(2, /needs a limit/, 'report', MODEL, '--solve', 'seq');
    await mistake(
      1,
      /Even with batch = 1 it takes .* of memory, over the limit of 1\.000 KiB/,
      'report',
      MODEL,
      '--solve',
      'batch',
      '--max-memory',
      '1KiB',
    );
    await mistake(2, /no parameter depth/, 'report', MODEL, '--symbolic', '--open', 'depth');
  });
});

describe('bform diff', () => {
  it('tells what changes, as text and as data', async () => {
    const text = await output('diff', MODEL, PERMUTATION, '--seq', '64', '--depth', '2');
    expect(text).toMatch(/^whole model$/m);
    expect(text).toMatch(/parameters +384\.9k -> 477\.7k {2}\(1\.24 x\)/);
    const data = await json('diff', MODEL, MODEL);
    expect(data).toMatchObject({ same: true, layers: [], figures: [] });
  });

  it('tells mistakes: one file, no file, an unknown option', async () => {
    expect((await bform(['diff', MODEL])).code).toBe(2);
    expect((await bform(['diff', MODEL, 'nothing.bform'])).code).toBe(1);
    expect((await bform(['diff', MODEL, MODEL, '--dept', '2'])).stderr).toMatch(
      /Did you mean --depth/,
    );
  });
});
