import { expect, test } from 'vitest';
import { type AttendOptions, buildGraph, type GraphBuilder } from '../../compiler/graph/builder.ts';
import { invariant } from '../../compiler/invariant.ts';
import { type AffineForm, maskInterval } from '../../compiler/ops/mask-interval.ts';

function intervalOf(mask: (g: GraphBuilder) => AttendOptions['mask']) {
  const graph = buildGraph('masked', { b: {}, t: {} }, (g) => {
    const x = g.input('x', ['b', 2, 't', 4]);
    return { y: g.attend(x, x, x, { mask: mask(g)! }) };
  });
  const attend = graph.nodes.find((node) => node.op.kind === 'attend')!;
  invariant(attend.op.kind === 'attend', 'graph', 'no attend');
  const outer = new Map(graph.nodes.map((node) => [node.id, node]));
  const interval = maskInterval(attend.op.mask, (id) => outer.get(id));
  return { lo: interval.lo.map(text), hi: interval.hi.map(text), exact: interval.exact };
}

const text = ({ slope, offset }: AffineForm) => `${slope}*i + ${offset.text}`;

test('no mask keeps every key', () => {
  expect(maskInterval(undefined)).toEqual({ lo: [], hi: [], exact: true });
});

test('a causal mask ends at the query itself', () => {
  const interval = intervalOf((g) => (_b, _h, i, j) => g.binary('le', j, i));
  expect(interval).toEqual({ lo: [], hi: ['1*i + 1'], exact: true });
});

test('a sliding window of 5 starts four keys before the query', () => {
  const interval = intervalOf(
    (g) => (_b, _h, i, j) => g.binary('and', g.binary('le', j, i), g.binary('lt', g.sub(i, j), 5)),
  );
  expect(interval).toEqual({ lo: ['1*i + -4'], hi: ['1*i + 1'], exact: true });
});

test('a symmetric window is read from an absolute difference', () => {
  const interval = intervalOf(
    (g) => (_b, _h, i, j) => g.binary('le', g.unary('abs', g.sub(j, i)), 3),
  );
  expect(interval).toEqual({ lo: ['1*i + -3'], hi: ['1*i + 4'], exact: true });
});

test('a negated comparison is the opposite strict one', () => {
  const interval = intervalOf((g) => (_b, _h, i, j) => g.unary('not', g.binary('lt', i, j)));
  expect(interval).toEqual({ lo: [], hi: ['1*i + 1'], exact: true });
});

test('equality gives both ends', () => {
  const interval = intervalOf((g) => (_b, _h, i, j) => g.binary('eq', j, i));
  expect(interval).toEqual({ lo: ['1*i + 0'], hi: ['1*i + 1'], exact: true });
});

test('sizes and nodes outside the region may take part', () => {
  const interval = intervalOf((g) => {
    const shift = g.const(2, 'i32');
    return (_b, _h, i, j) =>
      g.binary('le', g.add(j, g.size('t')), g.add(g.binary('mul', i, 3), shift));
  });
  expect(interval).toEqual({ lo: [], hi: ['3*i + -1*t + 3'], exact: true });
});

test('a part that is no interval leaves the rest as a hull', () => {
  const interval = intervalOf(
    (g) => (_b, _h, i, j) =>
      g.binary('and', g.binary('le', j, i), g.binary('eq', g.binary('mod', j, 2), 0)),
  );
  expect(interval).toEqual({ lo: [], hi: ['1*i + 1'], exact: false });
});

test('a bound on two keys at once is no interval', () => {
  const interval = intervalOf((g) => (_b, _h, i, j) => g.binary('le', g.add(j, j), i));
  expect(interval).toEqual({ lo: [], hi: [], exact: false });
});

test('a condition on the query alone is no interval', () => {
  const interval = intervalOf((g) => (_b, _h, i) => g.binary('lt', i, 3));
  expect(interval).toEqual({ lo: [], hi: [], exact: false });
});
