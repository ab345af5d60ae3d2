// Joins loops: two neighbouring ones that are only used as one flat number become one, so that kernels see flat
// strides and divide less. Products need exactly one loop for each of m, k and n, whatever that costs.
import { equal, mul, ONE } from '../shapes/dim.ts';
import type { Exprs } from './expr.ts';
import { partsOf } from './parts.ts';
import type { Expr, Loop, LoopVar } from './schedule.ts';

type Vars = Map<LoopVar, Expr>;

/** One loop in place of several, and what the old variables are in terms of it. */
export function joinAll(e: Exprs, loops: readonly Loop[]): { loop: Loop; vars: Vars } {
  const vars: Vars = new Map();
  if (loops.length === 0) return { loop: e.loop(ONE), vars };
  if (loops.length === 1) return { loop: loops[0]!, vars };
  const loop = e.loop(loops.map(({ size }) => size).reduce(mul));
  let inner = ONE;
  let rest = e.variable(loop.var);
  for (const old of [...loops].reverse()) {
    vars.set(old.var, old === loops[0] ? rest : e.mod(rest, old.size));
    inner = mul(inner, old.size);
    rest = e.div(e.variable(loop.var), inner);
  }
  return { loop, vars };
}

/** Joins neighbouring loops where no expression needs more divisions for it. */
export function collapse(
  e: Exprs,
  loops: readonly Loop[],
  exprs: readonly Expr[],
): { loops: Loop[]; exprs: Expr[] } {
  const found = loops.filter(({ size }) => !equal(size, ONE));
  let current = [...exprs];
  for (let at = found.length - 2; at >= 0; at--) {
    const joined = joinAll(e, found.slice(at, at + 2));
    const next = e.replace(current, joined.vars);
    if (divisions(next) > divisions(current)) continue;
    found.splice(at, 2, joined.loop);
    current = next;
  }
  return { loops: found.length > 0 ? found : loops.slice(0, 1), exprs: current };
}

function divisions(exprs: readonly Expr[]): number {
  const seen = new Set<Expr>();
  let count = 0;
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === 'binary' && expr.dtype === 'u32') {
      if (expr.fn === 'div' || expr.fn === 'mod') count++;
    }
    for (const part of partsOf(expr)) visit(part);
  };
  for (const expr of exprs) visit(expr);
  return count;
}
