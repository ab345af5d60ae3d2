// bform export as a process: what it writes, that ONNX Runtime reads it, and that nothing is left where it fails.
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, tensorFloats } from '../../runtime/safetensors.ts';
import { analyzed } from '../stdlib/evaluate.ts';
import { bform, repository, temporaryFolder } from '../support/cli.ts';
import { hasOnnxRuntime, runModel } from '../support/onnx.ts';
import { dataFor } from '../support/random-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

const folder = temporaryFolder();
const at = (...names: string[]) => join(folder, ...names);
const example = join(repository, 'examples/gpt2-tiny/model.bform');

describe('bform export onnx', () => {
  it.skipIf(!hasOnnxRuntime)(
    'writes a bundle with its own weights, in one file or two',
    async () => {
      expect((await bform(['compile', example, '-o', at('bundle'), '--seed', '7'])).code).toBe(0);
      const one = await bform(['export', 'onnx', at('bundle'), '-o', at('one.onnx')]);
      expect(one).toEqual({ code: 0, stdout: `${at('one.onnx')}\n`, stderr: '' });
      const two = ['export', 'onnx', at('bundle'), '-o', at('two.onnx'), '--external'];
      expect((await bform(two)).stdout).toBe(`${at('two.onnx')}\n${at('two.onnx.data')}\n`);

      const { graph } = analyzed(readFileSync(example, 'utf8'));
      const stored = readSafetensors(readFileSync(at('bundle', 'weights.safetensors'))).tensors;
      const weights = Object.fromEntries(
        [...stored].map(([name, tensor]) => [name, tensorFloats(name, tensor)]),
      );
      const symbols = { b: 2, t: 9 };
      const program = { symbols, inputs: dataFor(1, graph, symbols).inputs, weights };
      const expected = expectedOutputs(graph, program);
      for (const name of ['one.onnx', 'two.onnx'])
        expect(mismatch(expected, await runModel(at(name), graph, program)), name).toBeUndefined();
      const inside = (name: string) => statSync(at(name)).size;
      expect(inside('two.onnx')).toBeLessThan(inside('one.onnx') / 5);
    },
  );

  it('takes weights from a file or a seed, and says where it drew them', async () => {
    const drawn = await bform(['export', 'onnx', example, '-o', at('drawn.onnx')]);
    expect([drawn.code, drawn.stderr]).toEqual([
      0,
      'There are no weights: they are drawn at random from seed 0.\n',
    ]);
    await bform(['compile', example, '-o', at('seeded'), '--seed', '5']);
    const file = at('seeded', 'weights.safetensors');
    await bform(['export', 'onnx', example, '-o', at('a.onnx'), '--weights', file]);
    await bform(['export', 'onnx', example, '-o', at('b.onnx'), '--seed', '5']);
    const [a, b] = ['a.onnx', 'b.onnx'].map((name) => readFileSync(at(name)));
    expect(a!.equals(b!)).toBe(true);
    expect(a!.equals(readFileSync(at('drawn.onnx')))).toBe(false);
  });

  it.each([
    [['onnx', 'none.bform', '-o', at('x.onnx')], 1, 'There is no file or folder none.bform.'],
    [['onnx', folder, '-o', at('x.onnx')], 1, 'is no bundle'],
    [['onnx', example, '-o', at('taken')], 1, 'is no file'],
    [
      ['onnx', example, '-o', at('x.onnx'), '--weights', 'w', '--seed', '1'],
      2,
      'exclude each other',
    ],
    [['tflite', example, '-o', at('x')], 2, 'Allowed choices are onnx'],
    [['onnx', example], 2, '--output'],
  ])('ends %j with code %d and leaves nothing', async (args, code, why) => {
    mkdirSync(at('taken'), { recursive: true });
    const ended = await bform(['export', ...args]);
    expect([ended.code, ended.stdout]).toEqual([code, '']);
    expect(ended.stderr).toContain(why);
    expect(readdirSync(folder).filter((name) => /^\.|^x/.test(name))).toEqual([]);
  });
});
