// The inverse question: the largest batch, length or parameter of a model with which it stays within limits.
// What is measured is taken to grow with the unknown.
import { flopsOf } from '../compiler/cost/conventions.ts';
import type { ModelReport } from '../compiler/report/model-report.ts';
import { byteText, compact } from '../compiler/report/quantities.ts';
import { UserError } from './exit.ts';
import { checkParameter, makerOf } from './open-parameters.ts';
import { compileModel, type ReportRequest, reportOn } from './report-model.ts';

/** What is measured at a value of the unknown, and what bounds it. */
export interface Measures {
  /** Bytes of everything on the device: of a session, or of weights, activations and kept keys and values. */
  readonly memory: number;
  readonly flops: number;
  readonly params: number;
}

export type Limits = Partial<Measures>;

export interface Solution {
  readonly model: string;
  readonly unknown: string;
  readonly value: number;
  readonly at: Measures;
  /** What the next value would take; absent where the model does not take a larger one. */
  readonly next?: { readonly value: number; readonly at: Measures };
}

/** A value of the unknown that the model takes, with what it measures there. */
interface Point {
  readonly value: number;
  readonly model: string;
  readonly at: Measures;
}

/** A question whose points are asked for one by one; `undefined` for a value that the model does not take. */
interface Question {
  readonly start: number;
  readonly most: number;
  at(value: number): Promise<Point | undefined>;
}

/** `unknown`: `seq`, `batch`, or the name of a parameter. Throws `UsageError`, `UserError`, `Reported`. */
export async function solve(
  place: string,
  request: ReportRequest,
  unknown: string,
  limits: Limits,
): Promise<Solution> {
  const question = remembering(
    unknown === 'seq' || unknown === 'batch'
      ? ofSizes(place, request, unknown)
      : ofParameter(place, request, unknown),
  );
  const fits = ({ at }: Point): boolean => exceeded(at, limits) === undefined;
  const { most, start } = question;

  let low = await below(question, start, 1);
  while (low && !fits(low)) low = await below(question, Math.floor(low.value / 2), 1);
  if (!low) {
    const least = await above(question, 1, start);
    const [name, limit] = exceeded(least!.at, limits)!;
    throw new UserError(
      `Even with ${unknown} = ${least!.value} it takes ${quantity(name, least!.at[name])}, over the limit of ${quantity(name, limit)}.`,
    );
  }
  let high = low.value;
  while (high < most) {
    high = Math.min(most, high * 2);
    const point = await below(question, high, low.value + 1);
    if (!point) continue;
    if (!fits(point)) break;
    low = point;
  }
  // Between a value that fits and one that does not.
  while (high - low.value > 1) {
    const middle = Math.floor((low.value + high) / 2);
    const point = await below(question, middle, low.value + 1);
    if (point && fits(point)) low = point;
    else high = middle;
  }
  const next = await above(question, low.value + 1, Math.min(most, low.value + NEIGHBOURS));
  return { model: low.model, unknown, value: low.value, at: low.at, ...(next && { next }) };
}

/** How far from a value one looks for another that the model takes. */
const NEIGHBOURS = 128;

async function below(question: Question, from: number, least: number): Promise<Point | undefined> {
  for (let value = from; value >= Math.max(least, from - NEIGHBOURS); value--) {
    const point = await question.at(value);
    if (point) return point;
  }
  return undefined;
}

async function above(question: Question, from: number, most: number): Promise<Point | undefined> {
  for (let value = from; value <= most; value++) {
    const point = await question.at(value);
    if (point) return point;
  }
  return undefined;
}

const quantity = (name: keyof Measures, value: number): string =>
  ({
    memory: `${byteText(value)} of memory`,
    flops: `${compact(value)} FLOPs`,
    params: `${compact(value)} parameters`,
  })[name];

function exceeded(
  at: Measures,
  limits: Limits,
): readonly [name: keyof Measures, limit: number] | undefined {
  const names = Object.keys(limits) as (keyof Measures)[];
  const name = names.find((one) => limits[one] !== undefined && at[one] > limits[one]);
  return name && [name, limits[name]!];
}

function remembering(question: Question): Question {
  const known = new Map<number, Promise<Point | undefined>>();
  return {
    ...question,
    at(value) {
      const found = known.get(value) ?? question.at(value);
      known.set(value, found);
      return found;
    },
  };
}

/** The length or the batch: the model is compiled once. */
function ofSizes(place: string, request: ReportRequest, unknown: 'seq' | 'batch'): Question {
  const compilation = compileModel(place, request);
  const symbol = compilation.graph.symbols.find(
    ({ name }) => name === (unknown === 'seq' ? 't' : 'b'),
  );
  if (!symbol) throw new UserError(`The model has no ${unknown} that is open.`);
  const { min, max = 2 ** 31 - 1 } = symbol;
  return {
    start: min,
    most: max,
    at: async (value) =>
      pointOf(value, await reportOn(compilation, place, { ...request, [unknown]: value })),
  };
}

/** A parameter: the model is made anew at each value. */
function ofParameter(place: string, request: ReportRequest, unknown: string): Question {
  const maker = makerOf(place, request);
  checkParameter(maker, unknown);
  maker.makeOrShow({});
  return {
    start: maker.parameters.get(unknown) ?? 1,
    most: 2 ** 31 - 1,
    async at(value) {
      const compilation = maker.compile({ [unknown]: value });
      return compilation && pointOf(value, await reportOn(compilation, place, request));
    },
  };
}

function pointOf(value: number, { cost, memory, stored }: ModelReport): Point {
  const { params, cache, activations, elementBytes, mode } = cost;
  const kept = mode === 'decode' ? cache : 0n;
  const counted = Number(params.total * elementBytes + activations.peak + kept);
  // What no device can run fits no memory.
  const emitted = mode === 'forward' && stored === 'f32';
  return {
    value,
    model: cost.model,
    at: {
      memory: emitted ? (memory?.total ?? Number.POSITIVE_INFINITY) : counted,
      flops: Number(flopsOf(cost.work, 'exact')),
      params: Number(params.total),
    },
  };
}
