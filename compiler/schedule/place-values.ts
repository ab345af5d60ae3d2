// Gives what is stored its memory: a value for each node, or one value for several nodes side by side.
import type { NodeId } from '../ops/op.ts';
import { add, ZERO } from '../shapes/dim.ts';
import type { Cluster } from './cluster.ts';
import { collapse } from './collapse.ts';
import { createExprs } from './expr.ts';
import { indexOf, loopsOver, type Shape } from './index-map.ts';
import { stored } from './lowering.ts';
import type { UnplacedValue } from './plan-slots.ts';
import type { Program } from './program.ts';
import { createReader, type Placement, positionIn } from './read.ts';
import type { Region, ScheduleStep } from './schedule.ts';

/** What is being scheduled, and what has been decided for it so far. */
export interface Work {
  readonly program: Program;
  readonly fuse: boolean;
  readonly buffers: number;
  readonly packOf: (weight: string) => number;
  readonly placements: Map<NodeId, Placement>;
  readonly values: (UnplacedValue & { readonly node: NodeId })[];
}

/** A value for one node, or of the given shape for several. */
export function newValue(work: Work, nodes: readonly [NodeId, ...NodeId[]], shape?: Shape): number {
  const { program } = work;
  const holds = nodes.map((id) => holding(id, program.typeOf(id).shape, program));
  return addValue(work, nodes[0], shape ?? holds[0]!.shape, holds);
}

/** A value for all turns of a node that a repeat's body emits. */
export function newTurns(work: Work, node: NodeId, shape: Shape): number {
  return addValue(work, node, shape, [holding(node, shape, work.program)]);
}

function addValue(
  { program, values }: Work,
  node: NodeId,
  shape: Shape,
  holds: UnplacedValue['holds'],
): number {
  const type = program.typeOf(node);
  const dtype = type.dtype === 'bool' ? 'i32' : type.dtype;
  return values.push({ id: values.length, dtype, shape, holds, node }) - 1;
}

const holding = (node: NodeId, shape: Shape, program: Program): UnplacedValue['holds'][number] => ({
  node,
  path: pathOf(node, program),
  shape,
});

/** The layer that computes a node; of what a repeat emits, the one inside of it. */
function pathOf(id: NodeId, program: Program): string {
  const node = program.node(id);
  const repeat = node?.op.kind === 'turns' ? program.node(node.inputs[0]!)?.op : undefined;
  if (node?.op.kind !== 'turns' || repeat?.kind !== 'repeat') return node?.origin.path ?? '';
  return pathOf(repeat.body.emits![node.op.index]!, program);
}

/**
 * Gives what a cluster stores its memory: the place that is meant for it, else a value each, or one value for all, side
 * by side along an axis.
 */
export function placeRoots(
  { roots, packedAlong }: Cluster,
  targets: ReadonlyMap<NodeId, Placement>,
  work: Work,
): void {
  const shapeOf = (root: NodeId): Shape => work.program.typeOf(root).shape;
  if (packedAlong === undefined) {
    for (const root of roots) {
      const place = targets.get(root) ?? { value: newValue(work, [root]), shape: shapeOf(root) };
      work.placements.set(root, place);
    }
    return;
  }
  const total = roots.map((root) => shapeOf(root)[packedAlong]!).reduce(add);
  const shape = shapeOf(roots[0]!).map((size, axis) => (axis === packedAlong ? total : size));
  const value = newValue(work, [roots[0]!, ...roots.slice(1)], shape);
  let offset = ZERO;
  for (const root of roots) {
    work.placements.set(root, { value, shape, part: { axis: packedAlong, offset } });
    offset = add(offset, shapeOf(root)[packedAlong]!);
  }
}

/** For what is written and read, but folded away before anything runs: a number that no value has. */
export function placeNowhere(root: NodeId, { program, placements }: Work): void {
  placements.set(root, { value: -1 - root, shape: program.typeOf(root).shape });
}

/** A map that writes a node's elements, wherever they come from, to a place. */
export function copyStep(
  { program, placements }: Work,
  id: NodeId,
  target: Placement,
): ScheduleStep {
  const e = createExprs(program.minimum);
  const { shape } = program.typeOf(id);
  const loops = loopsOver(e, shape);
  const index = indexOf(e, loops).slice(0, shape.length);
  const computed = new Set<NodeId>();
  const read = createReader({
    e,
    program,
    placements,
    local: new Set(),
    known: new Map(),
    computed,
  });
  const value = stored(e, read(id, index));
  const all = collapse(e, loops, [positionIn(e, target, index), value]);
  const region: Region = {
    kind: 'map',
    label: 'copy',
    nodes: [...computed].sort((a, b) => a - b),
    notes: ['a buffer of its own for what a repeat carries or emits'],
    loops: all.loops,
    stores: [{ target: target.value, at: all.exprs[0]!, value: all.exprs[1]! }],
  };
  return { kind: 'region', region };
}
