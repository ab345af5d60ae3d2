// The regions of an operation, for code that treats all of them alike.
import type { Op, Region } from './op.ts';

export function regionsOf(op: Op): readonly Region[] {
  if (op.kind === 'repeat') return [op.body];
  if (op.kind !== 'attend') return [];
  return [op.score, op.mask].filter((region) => region !== undefined);
}

/** The operation with each region replaced; the same object if none changes. */
export function mapRegions(op: Op, map: (region: Region) => Region): Op {
  if (op.kind === 'repeat') {
    const body = map(op.body);
    return body === op.body ? op : { ...op, body };
  }
  if (op.kind !== 'attend') return op;
  const score = op.score && map(op.score);
  const mask = op.mask && map(op.mask);
  if (score === op.score && mask === op.mask) return op;
  return { ...op, ...(score && { score }), ...(mask && { mask }) };
}
