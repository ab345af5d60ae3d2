// What every kernel keeps to, whatever it computes: limits of all devices, size, no text of the user's, one text for equal shapes.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { emitKernels } from '../../compiler/wgsl/emit-kernels.ts';
import { sha256 } from '../../compiler/wgsl/sha256.ts';
import { randomGraph } from '../support/random-graph.ts';
import { emitGraph } from '../support/run-graph.ts';
import { dot } from './regions.ts';

const SEEDS = Array.from({ length: 150 }, (_, seed) => seed + 1);

test('kernels of random programs stay within the limits of every device, and small', () => {
  for (const seed of SEEDS) {
    for (const kernel of emitGraph(randomGraph(seed).graph).kernels) {
      const [x, y, z] = kernel.workgroup;
      expect(kernel.bindings.length, `seed ${seed}`).toBeLessThanOrEqual(8);
      expect(x * y * z).toBeLessThanOrEqual(256);
      expect(kernel.workgroupBytes).toBeLessThanOrEqual(16_384);
      expect(kernel.text.split(';').length, `seed ${seed}`).toBeLessThanOrEqual(500);
      expect(kernel.text.length).toBeLessThanOrEqual(65_536);
      expect(kernel.text).not.toMatch(/subgroup|atomic|\binf\b|nan|undefined|Infinity/i);
    }
  }
});

test('each dispatch gives its kernel the buffers and parameters that it declares', () => {
  for (const seed of SEEDS.slice(0, 50)) {
    const { kernels, dispatches } = emitGraph(randomGraph(seed).graph);
    for (const { kernel, resources, params } of dispatches.values()) {
      expect(kernels).toContain(kernel);
      expect(resources).toHaveLength(kernel.bindings.length);
      expect(params).toHaveLength(kernel.paramWords);
    }
  }
});

test('emission is deterministic and lists each text once', () => {
  for (const seed of SEEDS.slice(0, 30)) {
    const texts = emitGraph(randomGraph(seed).graph).kernels.map(({ text }) => text);
    expect(emitGraph(randomGraph(seed).graph).kernels.map(({ text }) => text)).toEqual(texts);
    expect(new Set(texts).size).toBe(texts.length);
  }
});

test('names of weights and labels are not in the text', () => {
  const { test: own, region } = dot(5, 8, { widths: [8], fused: true });
  const label = 'evil */ } fn main() {';
  const { kernels } = emitKernels(own.schedule({ ...region, label }));
  expect(kernels[0]!.text).not.toMatch(/evil|w0|bias|rows:|steps/);
});

test('a kernel is named by the SHA-256 of its text', () => {
  for (const text of ['', 'abc', 'x'.repeat(55), 'x'.repeat(56), 'é✓'.repeat(100)])
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  const { test: own, region } = dot(5, 8, { widths: [8] });
  const { id, text } = own.dispatch(region).kernel;
  expect(id).toBe(sha256(text).slice(0, 16));
});
