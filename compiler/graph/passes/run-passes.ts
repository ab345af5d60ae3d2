// Runs the passes, over and over, until none of them changes anything. Each is a function Graph -> Graph that gives
// back the same object if it has nothing to do, keeps every output's value, and may be left out or moved.
import { invariant } from '../../invariant.ts';
import type { Graph } from '../graph.ts';
import { expandProducts } from './expand-products.ts';
import { foldConstants } from './fold-constants.ts';
import { mergeCommon } from './merge-common.ts';
import { removeDead } from './remove-dead.ts';
import { renumber } from './renumber.ts';
import { simplifyAlgebra } from './simplify-algebra.ts';
import { simplifyViews } from './simplify-views.ts';

type Pass = readonly [name: string, pass: (graph: Graph) => Graph];

const PASSES: readonly Pass[] = [
  ['expand-products', expandProducts],
  ['simplify-views', simplifyViews],
  ['fold-constants', foldConstants],
  ['simplify-algebra', simplifyAlgebra],
  ['merge-common', mergeCommon],
  ['remove-dead', removeDead],
];

/** Far more rounds than nested expressions need; more means that two passes undo each other. */
const MOST_ROUNDS = 100;

/**
 * The graph that is costed, scheduled and run.
 * @param trace told each pass that changed the graph, with the graph after it
 * @throws InternalError ('graph') if the passes reach no fixed point
 */
export function runPasses(graph: Graph, trace?: (name: string, graph: Graph) => void): Graph {
  const run = (before: Graph, [name, pass]: Pass): Graph => {
    const after = pass(before);
    if (after !== before) trace?.(name, after);
    return after;
  };
  let settled = graph;
  for (let round = 0; ; round++) {
    const before = settled;
    settled = PASSES.reduce(run, before);
    if (settled === before) return run(settled, ['renumber', renumber]);
    invariant(round < MOST_ROUNDS, 'graph', 'the passes reach no fixed point');
  }
}
