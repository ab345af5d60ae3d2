// `interleave`: the one way to make an order from the inside of others. Writing steps one after the other and `* n` join
// whole orders; to deal from several in turn takes them apart.
import { invariant } from '../../invariant.ts';
import { mistake } from '../mistake.ts';
import { writtenOut } from '../order.ts';
import { asLayers } from '../parameters.ts';
import { describe, type OrderStep, UNKNOWN_STEP, type Value } from '../value.ts';
import type { FunctionCall, FunctionTable } from './function.ts';

type Round = readonly Extract<OrderStep, { kind: 'one' }>[];

/**
 * As many rounds as the shortest order has sub-layers, each with an equal share of every order. Rounds that are all alike
 * stay one piece that repeats.
 */
function interleave(call: FunctionCall): Value {
  const { env, operands, span } = call;
  const orders: Round[] = [];
  for (const { value, span: at } of operands) {
    const layers = asLayers(env, value, at);
    if (!layers) {
      return mistake(env, 'BF2023', `\`interleave\` takes orders, not ${describe(value)}`, at, {
        hint: 'a layer, an order, or a list of them: `[a, f, f]`',
      });
    }
    const steps = layers.kind === 'layers' ? writtenOut(env, layers.steps, span) : undefined;
    if (!steps) return { kind: 'layers', steps: [UNKNOWN_STEP] };
    if (steps.length === 0) return mistake(env, 'BF2032', '`interleave` of an empty order', at);
    orders.push(steps);
  }
  const lengths = orders.map((order) => order.length);
  const count = Math.min(...lengths);
  const odd = lengths.findIndex((length) => length % count !== 0);
  if (odd >= 0) {
    const problem = `${lengths[odd]} sub-layers cannot be dealt out in ${count} equal shares`;
    return mistake(env, 'BF2032', problem, operands[odd]!.span, {
      hint: 'the length of each order is a multiple of the shortest one',
    });
  }
  const rounds = Array.from({ length: count }, (_, round) =>
    orders.flatMap((order) => {
      const share = order.length / count;
      return order.slice(round * share, (round + 1) * share);
    }),
  );
  const [first] = rounds;
  invariant(first, 'elaborate', 'an order without sub-layers is refused before');
  if (count === 1 || !rounds.every((round) => isSame(first, round))) {
    return { kind: 'layers', steps: rounds.flat() };
  }
  return { kind: 'layers', steps: [{ kind: 'repeat', count, steps: first, span }] };
}

const isSame = (a: Round, b: Round): boolean => a.every(({ layer }, i) => layer === b[i]!.layer);

export const ORDERS: FunctionTable = {
  interleave: {
    usage: 'interleave(first, second)',
    operands: [2, Number.POSITIVE_INFINITY],
    evaluate: interleave,
  },
};
