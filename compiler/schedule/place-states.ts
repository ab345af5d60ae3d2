// Gives the states of a graph their memory, which they keep from run to run: all turns of a state are one value. What is
// appended to one is computed where it belongs, so that an `append` itself is nothing to do.
import { invariant } from '../invariant.ts';
import type { Node, NodeId } from '../ops/op.ts';
import { constant } from '../shapes/dim.ts';
import { newTurns, type Work } from './place-values.ts';
import { regionsOf, type Scope } from './program.ts';
import type { Placement } from './read.ts';
import { turnOf } from './schedule.ts';

/** Places the states, and what they are after they were appended to. Gives their values. */
export function placeStates({ nodes }: Scope, work: Work): number[] {
  const states = new Map((work.program.graph.states ?? []).map((state) => [state.name, state]));
  const places = new Map<string, Placement>();
  const visit = (list: readonly Node[]): void => {
    for (const { id, op, inputs, type } of list) {
      if (op.kind === 'state') {
        const { repeats } = states.get(op.name)!;
        const shape = [...repeats.map(constant), ...type.shape];
        const turns = repeats.map((_, depth) => turnOf(depth));
        const place = places.get(op.name) ?? { value: newTurns(work, id, shape), shape, turns };
        places.set(op.name, place);
        work.placements.set(id, place);
      }
      if (op.kind === 'append') {
        const place = work.placements.get(inputs[0]!);
        invariant(place, 'schedule', `node ${id} appends to what is no state`);
        work.placements.set(id, place);
      }
      for (const region of regionsOf(op)) visit(region.nodes);
    }
  };
  visit(nodes);
  return [...places.values()].map(({ value }) => value);
}

/** Where the rows belong that a scope appends. */
export function keptInPlace(
  { nodes }: Scope,
  { placements, program }: Work,
): ReadonlyMap<NodeId, Placement> {
  const places = new Map<NodeId, Placement>();
  for (const { id, op, inputs } of nodes) {
    if (op.kind !== 'append') continue;
    const filled = program.node(inputs[2]!)?.op;
    invariant(
      filled?.kind === 'input',
      'schedule',
      `node ${id} has no input to say what is filled`,
    );
    const { axis, batch } = op;
    places.set(inputs[1]!, {
      ...placements.get(id)!,
      filled: { axis, batch, input: filled.name },
    });
  }
  return places;
}
