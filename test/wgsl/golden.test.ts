// The text of a few kernels, held as golden files: a change of the emitter shows itself here. Update with `vitest -u`.
import { expect, test } from 'vitest';
import { group, ragged, segmentSum, topK } from './grouped-regions.ts';
import { attend, type Built, cumsum, dot, mapOver, middleSum, softmax } from './regions.ts';

const GOLDEN: readonly (readonly [string, () => Built])[] = [
  ['map-rotate', () => rotateHalves()],
  ['rows-softmax', () => softmax(3, 256, false)],
  ['rows-softmax-short', () => softmax(3, 5)],
  ['rows-sum-of-columns', () => middleSum(2, 100, 8)],
  ['rows-running-sum', () => cumsum(3, 1000)],
  ['dot-scale-bias', () => dot(40, 64, { widths: [96], fused: true, symbolic: true })],
  ['dot-query-key-value', () => dot(40, 64, { widths: [64, 32, 32], symbolic: true })],
  ['dot-gate-up', () => dot(40, 64, { widths: [96], products: 2, symbolic: true })],
  ['dot-transposed-table', () => dot(5, 64, { widths: [515], transposed: true, symbolic: true })],
  ['dot-ragged', () => ragged(40, [64, 96], [0, 10, 10, 37])],
  ['group', () => group([2, 0, 1, 0], 3)],
  ['top-k', () => topK(5, 8, 2)],
  ['top-k-long', () => topK(5, 600, 2)],
  ['segment-sum', () => segmentSum(40, 64, [0, 10, 40])],
  [
    'attend-causal',
    () => attend({ queries: 40, depth: 64, width: 64, causal: true, symbolic: true }),
  ],
];

/** Halves of a row change places, the second negated: as rotary positions have it. */
function rotateHalves(): Built {
  return mapOver(5, 16, (e, x, at, _i, j) => {
    const half = e.constant(8, 'u32');
    return e.select(
      e.binary('lt', j, half),
      e.unary('neg', x(e.add(at, half))),
      x(e.sub(at, half)),
    );
  });
}

test.each(GOLDEN)('%s', async (name, build) => {
  const { test: own, region } = build();
  const { text } = own.dispatch(region).kernel;
  await expect(text).toMatchFileSnapshot(`../golden/wgsl/${name}.wgsl`);
});
