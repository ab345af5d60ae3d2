// Rows sorted into groups as a group region: one sort of the keys serves every way of asking for it.
import { invariant } from '../invariant.ts';
import { add, ONE } from '../shapes/dim.ts';
import { type Lowering, type RegionParts, storeOf } from './lowering.ts';
import type { Store } from './schedule.ts';

const PLACE = 0;
const START = 1;

export function lowerGroup(lowering: Lowering): RegionParts<'group'> {
  const { e, cluster, program, read } = lowering;
  const [first] = cluster.anchors;
  invariant(first?.op.kind === 'group', 'schedule', 'a group region without groups');
  const keys = first.inputs[0]!;
  const row = e.loop(program.typeOf(keys).shape[0]!);
  const group = e.loop(add(first.op.groups, ONE));
  const [at, number] = [e.variable(row.var), e.variable(group.var)];
  const [place, start] = [e.acc(PLACE, 'u32'), e.acc(START, 'u32')];
  const rowStores: Store[] = [];
  const groupStores: Store[] = [];
  for (const { id, op } of cluster.anchors) {
    invariant(op.kind === 'group', 'schedule', `${op.kind} in a group region`);
    if (op.gives === 'starts')
      groupStores.push(storeOf(lowering, id, [number], e.cast(start, 'i32')));
    else if (op.gives === 'order')
      rowStores.push(storeOf(lowering, id, [place], e.cast(at, 'i32')));
    else rowStores.push(storeOf(lowering, id, [at], e.cast(place, 'i32')));
  }
  const key = read(keys, [at]);
  return { kind: 'group', row, group, key, place: PLACE, start: START, rowStores, groupStores };
}
