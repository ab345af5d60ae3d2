// Can the comparison with ONNX Runtime find a wrong export? In random programs one operation is exported as another one.
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../compiler/graph/graph.ts';
import type { Node, Op } from '../../compiler/ops/op.ts';
import { hasOnnxRuntime, runOnnx } from '../support/onnx.ts';
import { randomGraph } from '../support/random-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

/** What an operation is taken for; `undefined` where it is none of those. */
type Mistake = (op: Op) => Op | undefined;

const MISTAKES: readonly (readonly [string, Mistake])[] = [
  [
    'a sum as a difference',
    (op) => (op.kind === 'binary' && op.fn === 'add' ? { ...op, fn: 'sub' } : undefined),
  ],
  [
    'a strict order as one that is not',
    (op) => (op.kind === 'binary' && op.fn === 'lt' ? { ...op, fn: 'le' } : undefined),
  ],
  [
    'a largest element as a smallest',
    (op) => (op.kind === 'reduce' && op.fn === 'max' ? { ...op, fn: 'min' } : undefined),
  ],
  [
    'attention without its mask',
    (op) => {
      if (op.kind !== 'attend' || !op.mask) return undefined;
      const { mask: _, ...open } = op;
      return open;
    },
  ],
  [
    'attention of another scale',
    (op) => (op.kind === 'attend' ? { ...op, scale: op.scale * 1.01 } : undefined),
  ],
  [
    'a slice from its beginning',
    (op) =>
      op.kind === 'slice' && op.start.terms.length > 0
        ? { ...op, start: { terms: [], text: '0' } }
        : undefined,
  ],
  ['a turn too few', (op) => (op.kind === 'repeat' ? { ...op, count: op.count - 1 } : undefined)],
];

const FEW = 6;
const SEEDS = 400;

function wrong(graph: Graph, mistake: Mistake): Graph | undefined {
  let found = false;
  const nodes = graph.nodes.map((node): Node => {
    const op = mistake(node.op);
    found ||= op !== undefined;
    return op ? { ...node, op } : node;
  });
  return found ? { ...graph, nodes } : undefined;
}

describe.skipIf(!hasOnnxRuntime)('finds an export that takes', () => {
  it.each(MISTAKES)(
    '%s',
    async (_, mistake) => {
      const tried: number[] = [];
      for (let seed = 1; seed < SEEDS && tried.length < FEW; seed++) {
        const program = randomGraph(seed, { steps: 3, mostElements: 2000 });
        const graph = wrong(program.graph, mistake);
        if (!graph || graph.outputs.length === 0) continue;
        tried.push(seed);
        const outputs = await runOnnx(graph, program);
        if (mismatch(expectedOutputs(program.graph, program), outputs)) return;
      }
      expect.fail(`not found in the programs of seeds ${tried.join(', ')}`);
    },
    120_000,
  );
});
