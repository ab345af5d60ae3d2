// The figures of a whole model, with a name each: the footer of a table, the rows of a comparison.
import { flopsOf } from '../cost/conventions.ts';
import type { ModelReport } from './model-report.ts';

export interface Figure {
  readonly name: string;
  readonly kind: 'count' | 'bytes' | 'ms' | 'ratio';
  readonly value: bigint | number;
}

export function figuresOf({ cost, memory, times }: ModelReport): Figure[] {
  const { params, embeddings, work, activations } = cost;
  const flops = flopsOf(work, 'exact');
  const dispatches = cost.kernels.reduce((sum, { times }) => sum + times, 0);
  const count = (name: string, value: bigint | number): Figure => ({ name, kind: 'count', value });
  const bytes = (name: string, value: bigint | number): Figure => ({ name, kind: 'bytes', value });
  return [
    count('parameters', params.total),
    count('activated', params.activated),
    count('parameters in embeddings', embeddings.total),
    count('parameters without embeddings', params.total - embeddings.total),
    count('activated without embeddings', params.activated - embeddings.activated),
    count('FLOPs', flops),
    count('FLOPs per token', perToken(flops, cost.tokens)),
    ...(cost.mode === 'forward'
      ? [
          count('FLOPs, quadratic', 2n * cost.quadraticMacs),
          count('FLOPs, full square', 2n * work.macsFullSquare),
        ]
      : []),
    count('elementwise', work.elementwise),
    bytes('weights', params.total * cost.elementBytes),
    bytes('peak activations', activations.peak),
    ...(memory
      ? [
          bytes('inputs', memory.inputs),
          bytes('sizes and outputs', memory.other),
          bytes('memory of a session', memory.total),
        ]
      : []),
    bytes('KV cache per token', cost.cachePerToken),
    bytes('KV cache', cost.cache),
    bytes('bytes moved', cost.moved),
    ...(cost.moved > 0n
      ? [
          {
            name: 'FLOPs per byte',
            kind: 'ratio',
            value: Number(flops) / Number(cost.moved),
          } as const,
        ]
      : []),
    ...(dispatches > 0 ? [count('dispatches', dispatches)] : []),
    ...(times ? [{ name: 'predicted time', kind: 'ms', value: times.ms } as const] : []),
  ];
}

/** A fraction where a mask gives the tokens unequal shares. */
export const perToken = (flops: bigint, tokens: bigint): number =>
  Number(flops / tokens) + Number(flops % tokens) / Number(tokens);
