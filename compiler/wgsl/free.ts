// What an expression depends on, found once per expression (expressions are interned), and how often each part is used.
import { partsOf } from '../schedule/parts.ts';
import type { Expr, LoopVar } from '../schedule/schedule.ts';

export interface Free {
  readonly id: number;
  readonly vars: ReadonlySet<LoopVar>;
  readonly accs: ReadonlySet<number>;
  readonly loads: boolean;
}

const known = new WeakMap<Expr, Free>();
let count = 0;

export function freeOf(expr: Expr): Free {
  const old = known.get(expr);
  if (old) return old;
  const parts = partsOf(expr).map(freeOf);
  const free: Free = {
    id: count++,
    vars: new Set([
      ...(expr.kind === 'var' ? [expr.index] : []),
      ...parts.flatMap((p) => [...p.vars]),
    ]),
    accs: new Set([
      ...(expr.kind === 'acc' ? [expr.index] : []),
      ...parts.flatMap((p) => [...p.accs]),
    ]),
    loads: expr.kind === 'load' || parts.some((part) => part.loads),
  };
  known.set(expr, free);
  return free;
}

/** For every part of the roots, how many parts or roots use it. */
export function countUses(roots: readonly Expr[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (expr: Expr): void => {
    const before = uses.get(expr) ?? 0;
    uses.set(expr, before + 1);
    if (before === 0) partsOf(expr).forEach(visit);
  };
  roots.forEach(visit);
  return uses;
}
