// Steps of random programs that have regions: attention with all kinds of masks and scores, and repeats.
import type { AttendOptions, Value } from '../../compiler/graph/builder.ts';
import { asNumber, constant, type Dim } from '../../compiler/shapes/dim.ts';
import { largest, raggedProduct, segmentSum } from './random-groups.ts';
import { PLAIN_STEPS, type Step, tryStep } from './random-steps.ts';
import {
  elementsOf,
  type Float,
  fits,
  isFixed,
  partnerOf,
  takeFloat,
  type Workbench,
  weight,
  within,
} from './workbench.ts';

type Mask = NonNullable<AttendOptions['mask']>;
type Score = NonNullable<AttendOptions['score']>;

/** Grouped-query attention over projections of one or two streams. */
export const attend: Step = (bench) => {
  const { g, dice } = bench;
  const isStream = ({ value: { type } }: Float) =>
    type.shape.length === 3 && isFixed(type.shape[2]!) && asNumber(type.shape[2]!)! > 0;
  const from = takeFloat(bench, isStream);
  if (!from) return undefined;
  const x = within(bench, from, 4);
  const [batch, queries] = x.value.type.shape as [Dim, Dim, Dim];
  const source = takeFloat(
    bench,
    (other) => isStream(other) && other.value.type.shape[0]!.text === batch.text,
  );
  const y = source && dice.chance(0.3) ? within(bench, source, 4) : x;
  const keys = y.value.type.shape[1]!;

  const groups = dice.int(1, 3);
  const heads = groups * dice.int(1, 3);
  const [width, columns] = [dice.pick([1, 2, 4, 5, 8, 16]), dice.pick([1, 3, 4, 8])];
  const project = (stream: Float, count: number, size: number): Value => {
    const d = asNumber(stream.value.type.shape[2]!)!;
    const y = g.dot('b t d, d h k -> b h t k', stream.value, weight(bench, [d, count, size]));
    return g.mul(y, 1 / Math.sqrt(d));
  };
  const pairs = [batch, queries, keys, constant(heads * (width + columns))];
  if (elementsOf(bench, pairs) > 32 * bench.mostElements) return undefined;
  const [q, k, v] = [
    project(x, heads, width),
    project(y, groups, width),
    project(y, groups, columns),
  ];
  const mask = dice.chance(0.8) ? someMask(bench, batch, queries, keys, heads) : undefined;
  const score = dice.chance(0.4) ? someScore(bench, heads) : undefined;
  const scale = dice.pick([1, 1 / Math.sqrt(width), -0.3]);
  const mixed = g.attend(q, k, v, { scale, ...(mask && { mask }), ...(score && { score }) });
  const bound = y.bound * Math.sqrt(asNumber(y.value.type.shape[2]!)!);
  if (dice.chance(0.4)) return { value: mixed, bound };
  const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [batch, queries, heads * columns]);
  return { value: joined, bound };
};

function someMask(bench: Workbench, batch: Dim, queries: Dim, keys: Dim, heads: number): Mask {
  const { g, dice } = bench;
  const window = dice.int(1, 6);
  const causal: Mask = (_b, _h, i, j) => g.binary('le', j, i);
  const near: Mask = (_b, _h, i, j) => g.binary('lt', g.sub(i, j), window);
  const both =
    (a: Mask, b: Mask): Mask =>
    (...at) =>
      g.binary('and', a(...at), b(...at));
  const kinds: Mask[] = [
    causal,
    causal,
    both(causal, near),
    both(causal, near),
    // Leaves the first query without a key.
    (_b, _h, i, j) => g.binary('lt', j, i),
    (_b, _h, i, j) => g.binary('le', g.unary('abs', g.sub(i, j)), window),
    (_b, _h, _i, j) => g.binary('lt', j, window),
    (...at) => g.binary('or', causal(...at), g.binary('lt', at[3], window)),
    both(causal, (_b, _h, i, j) => g.binary('eq', g.binary('mod', g.sub(i, j), 2), 0)),
    both(causal, (_b, h, i, j) => g.binary('le', g.sub(i, j), g.mul(h, window))),
    (_b, _h, i, j) => g.binary('le', g.add(j, g.size(queries)), g.add(i, g.size(keys))),
  ];
  if (queries.text === keys.text && batch.text === 'b' && queries.text === 't') {
    const documents = bench.ints.find(
      ({ value }) => value.type.shape.map((d) => d.text).join() === 'b,t',
    );
    if (documents) {
      kinds.push((b, _h, i, j) =>
        g.binary('eq', g.gather(documents.value, b, i), g.gather(documents.value, b, j)),
      );
    }
  }
  if (heads > 1) kinds.push((b, h, i, j) => g.binary('le', g.mul(g.add(b, h), 0), g.add(i, j)));
  return dice.pick(kinds);
}

function someScore(bench: Workbench, heads: number): Score {
  const { g, dice } = bench;
  const kinds: Score[] = [
    (s) => g.mul(g.unary('tanh', g.div(s, 5)), 5),
    (s, _b, h, i, j) => {
      const slope = g.gather(weight(bench, [heads]), h);
      return g.add(s, g.mul(slope, g.mul(g.cast('f32', g.sub(j, i)), 0.1)));
    },
    (s, _b, h, i, j) => {
      const buckets = 5;
      const far = g.binary('min', g.unary('abs', g.sub(i, j)), buckets - 1);
      return g.add(s, g.gather(weight(bench, [buckets, heads]), far, h));
    },
    (s, b, _h, i) => {
      const odd = g.binary('eq', g.binary('mod', g.add(b, i), 2), 1);
      return g.select(odd, s, g.mul(s, 0.5));
    },
    (s) => g.add(g.unary('exp', g.unary('neg', g.mul(s, s))), s),
  ];
  return dice.pick(kinds);
}

/** A few turns of a random body whose last step is a sum with what it began with. */
export const repeat: Step = (bench) => {
  const { g, dice } = bench;
  if (bench.depth >= 2) return undefined;
  const x = takeFloat(bench, ({ value }) => value.type.shape.length > 0);
  if (!x) return undefined;
  const start = within(bench, x, 4);
  const name = `r${bench.next()}`;
  let emitted: Float[] = [];
  const { last, turns } = g.emittingRepeat(dice.int(1, 3), start.value, (carried) => {
    const inner: Workbench = {
      ...bench,
      prefix: `${bench.prefix}${name}.{${bench.depth}}.`,
      depth: bench.depth + 1,
      // Values from outside may be used; late ones are taken more often, so the carried one comes last.
      floats: [...bench.floats, { value: carried, bound: 4 }],
      ints: [...bench.ints],
    };
    const steps = dice.int(1, 4);
    for (let step = 0; step < steps; step++) tryStep(inner, someStep(inner));
    const change = partnerOf(inner, carried);
    const next = g.add(g.mul(carried, 0.5), within(inner, change, 2).value);
    // Also what is carried, what comes from outside, and one value twice.
    const all = [...inner.floats, { value: next, bound: 8 }];
    emitted = dice.chance(0.5) ? Array.from({ length: dice.int(1, 3) }, () => dice.pick(all)) : [];
    return { next, emits: emitted.map(({ value }) => value) };
  });
  for (const [index, value] of turns.entries()) {
    const { bound } = emitted[index]!;
    if (fits(bench, value.type.shape)) bench.floats.push({ value, bound });
  }
  return { value: last, bound: 8 };
};

/** Any step; those with regions one time in six, those with groups one in eight. */
export function someStep({ dice }: Workbench): Step {
  if (dice.chance(1 / 6)) return dice.pick([attend, attend, repeat]);
  if (dice.chance(1 / 8)) return dice.pick([largest, raggedProduct, raggedProduct, segmentSum]);
  return dice.pick(PLAIN_STEPS);
}
