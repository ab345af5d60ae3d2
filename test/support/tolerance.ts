// The tolerance policy, in one place: how far a float32 result may be from the float64 reference.
//
// Each operation has an error of its own, at most what the table below says (in units of u = 2^-24): for a sum of K
// terms (2 sqrt(K) + 8) u times the sum of their absolute values, so never relative to a sum that has cancelled; for
// functions what WGSL asks of an implementation, or what this project asks of its own where WGSL asks too little.
// How these errors add up and are amplified through a whole program is measured, not guessed: the reference runs RUNS
// more times with every result moved at random by half to all of its error, and an element may differ by MARGIN times
// the largest deviation seen there or at its neighbours. Neighbours count because moves can cancel at one element in
// every run. Real errors are several times smaller than those moves (the worst that was measured for sums is 1.9 u
// times the absolute sum), so the margin leaves no false alarm, and wrong kernels fail.
import type { Graph } from '../../compiler/graph/graph.ts';
import type { BinaryFn, UnaryFn } from '../../compiler/ops/op.ts';
import { type Bindings, interpret } from '../../compiler/reference/interpret.ts';
import type { Rounding } from '../../compiler/reference/rounding.ts';
import { randomStream } from '../../runtime/random.ts';

const UNIT = 2 ** -24;
const RUNS = 8;
const MARGIN = 6;
/** How many elements to either side. */
const NEIGHBOURS = 2;
/** Below this, float32 may flush to zero. */
const TINY = 1e-30;

/** The error of a function at x with result y, in units of u. */
const UNARY_ERROR: Record<UnaryFn, (x: number, y: number) => number> = {
  neg: () => 0,
  abs: () => 0,
  floor: () => 0,
  not: () => 0,
  exp: (x, y) => (6 + 4 * Math.abs(x)) * Math.abs(y),
  log: (_x, y) => 8 + 6 * Math.abs(y),
  sqrt: (_x, y) => 9 * Math.abs(y),
  rsqrt: (_x, y) => 4 * Math.abs(y),
  tanh: () => 16,
  erf: () => 16,
  sigmoid: (x, y) => (12 + 4 * Math.abs(x)) * Math.abs(y),
  sin: (x) => 16 + 4 * Math.abs(x),
  cos: (x) => 16 + 4 * Math.abs(x),
};

const rounded = (_a: number, _b: number, y: number): number => Math.abs(y);
const none = (): number => 0;
const BINARY_ERROR: Record<BinaryFn, (a: number, b: number, y: number) => number> = {
  add: rounded,
  sub: rounded,
  mul: rounded,
  div: (_a, _b, y) => 5 * Math.abs(y),
  mod: (a, b) => 2 * (Math.abs(a) + Math.abs(b)),
  pow: (a, b, y) => (8 + 12 * Math.abs(b) + 4 * Math.abs(b * Math.log(a))) * Math.abs(y),
  min: none,
  max: none,
  eq: none,
  ne: none,
  lt: none,
  le: none,
  and: none,
  or: none,
};

const sumError = (magnitude: number, terms: number): number =>
  (2 * Math.sqrt(terms) + 8) * magnitude;

/** Basic arithmetic is correctly rounded: a result that float32 can hold is exact. */
const EXACT: ReadonlySet<BinaryFn> = new Set<BinaryFn>(['add', 'sub', 'mul']);
const isHeld = (value: number): boolean => Math.fround(value) === value;

/** Moves every result by half to all of its error, up or down. */
function randomErrors(seed: number): Rounding {
  const random = randomStream(seed, 'errors');
  const moved = (value: number, error: number): number => {
    const by = random.uniform();
    return value + (by < 0.5 ? -0.5 - by : by) * error * UNIT;
  };
  return {
    unary: (fn, x, y) => moved(y, UNARY_ERROR[fn](x, y)),
    binary: (fn, a, b, y) => (EXACT.has(fn) && isHeld(y) ? y : moved(y, BINARY_ERROR[fn](a, b, y))),
    sum: (y, magnitude, terms) =>
      terms === 1 && isHeld(y) ? y : moved(y, sumError(magnitude, terms)),
  };
}

export interface Expected {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** For each element, how far a float32 result may be from it. */
  readonly tolerance: Float64Array;
}

/** The outputs of a graph in float64, and their tolerances. i32 outputs have none: they must be equal. */
export function expectedOutputs(graph: Graph, bindings: Bindings): Record<string, Expected> {
  const { outputs } = interpret(graph, bindings);
  const runs = Array.from(
    { length: RUNS },
    (_, run) => interpret(graph, bindings, randomErrors(run)).outputs,
  );
  const entries = Object.entries(outputs).map(([name, { dtype, shape, data }]) => {
    const deviation = data.map((value, at) =>
      runs.reduce((most, run) => Math.max(most, Math.abs(run[name]!.data[at]! - value)), 0),
    );
    const tolerance = data.map((_, at) => {
      if (dtype !== 'f32') return 0;
      const near = deviation.subarray(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1);
      return MARGIN * Math.max(...near) + TINY;
    });
    return [name, { shape, values: data, tolerance }] as const;
  });
  return Object.fromEntries(entries);
}

/** The element that is farthest beyond its tolerance, in words; `undefined` if all are within. */
export function mismatch(
  expected: Readonly<Record<string, Expected>>,
  actual: Readonly<Record<string, ArrayLike<number>>>,
): string | undefined {
  let worst = 1;
  let found: string | undefined;
  for (const [name, { shape, values, tolerance }] of Object.entries(expected)) {
    const got = actual[name];
    if (got?.length !== values.length)
      return `${name} has ${got?.length} elements, not ${values.length}`;
    for (let at = 0; at < values.length; at++) {
      const difference = Math.abs(got[at]! - values[at]!);
      const ratio = difference === 0 ? 0 : difference / tolerance[at]!;
      // Written so that NaN counts as beyond.
      if (ratio <= worst) continue;
      worst = ratio;
      const excess = `${ratio.toPrecision(3)} times the tolerance of ${tolerance[at]!.toPrecision(3)}`;
      found = `${name}[${indexOf(at, shape)}] is ${got[at]}, not ${values[at]}: ${excess}`;
      if (Number.isNaN(ratio)) return found;
    }
  }
  return found;
}

function indexOf(at: number, shape: readonly number[]): string {
  let rest = at;
  const index = shape.toReversed().map((size) => {
    const place = rest % size;
    rest = Math.floor(rest / size);
    return place;
  });
  return index.reverse().join(', ');
}
