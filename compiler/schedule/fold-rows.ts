// Folds sums over rows into the products that they scale: where all that is left of a norm is a factor r(m) of each row,
// sum_k (x r g)(m, k) b(k, n) = r(m) sum_k (x g)(m, k) b(k, n), and r comes from sums over k of what the product reads anyway.
// So a norm without a shift (RMSNorm, Zhang & Sennrich 2019) needs no kernel of its own. Equal but for rounding.
// Works on regions, after lowering; knows no norms.

import { equal } from '../shapes/dim.ts';
import { valuesRead } from './buffers.ts';
import { createExprs } from './expr.ts';
import { partsOf } from './parts.ts';
import type {
  DotRegion,
  Expr,
  Loop,
  LoopVar,
  Region,
  RowsRegion,
  ScheduleStep,
} from './schedule.ts';

export interface Folded {
  /** The steps that are left. */
  readonly rest: readonly ScheduleStep[];
  /** The values that nothing writes or reads any more. */
  readonly gone: ReadonlySet<number>;
}

/** `factors` are values that only these steps read. Folds those that it can. */
export function foldRows(
  steps: readonly ScheduleStep[],
  factors: ReadonlySet<number>,
  minimum: (symbol: string) => number,
): Folded {
  const gone = new Set<number>();
  let rest = steps;
  for (const step of steps) {
    if (step.kind !== 'region' || !isFactor(step.region)) continue;
    const { target } = step.region.rowStores[0]!;
    if (!factors.has(target)) continue;
    const others = rest.filter((other) => other !== step);
    const folded = foldInto(step.region, others, minimum);
    if (!folded) continue;
    rest = folded;
    gone.add(target);
  }
  return { rest, gone };
}

/** One number for each row, from sums over its columns. */
const isFactor = (region: Region): region is RowsRegion =>
  region.kind === 'rows' &&
  region.rows.length === 1 &&
  !region.scan &&
  region.colStores.length === 0 &&
  region.rowStores.length === 1 &&
  region.rowStores[0]!.value.dtype === 'f32' &&
  isVariable(region.rowStores[0]!.at, region.rows[0]!) &&
  region.stages.every(({ fn, value }) => fn === 'sum' && !uses(value, (e) => e.kind === 'acc'));

/** The steps with every reader scaled; `undefined` where one is no product that can be. */
function foldInto(
  factor: RowsRegion,
  steps: readonly ScheduleStep[],
  minimum: (symbol: string) => number,
): readonly ScheduleStep[] | undefined {
  const { target } = factor.rowStores[0]!;
  const folded: ScheduleStep[] = [];
  for (const step of steps) {
    if (!readsOf(step).has(target)) {
      folded.push(step);
      continue;
    }
    if (step.kind !== 'region' || step.region.kind !== 'dot') return undefined;
    const region = scaled(step.region, factor, minimum);
    if (!region) return undefined;
    folded.push({ kind: 'region', region });
  }
  return folded;
}

function readsOf(step: ScheduleStep): ReadonlySet<number> {
  if (step.kind === 'region') return valuesRead(step.region);
  return new Set([step.carry.param, ...step.steps.flatMap((inner) => [...readsOf(inner)])]);
}

function scaled(
  dot: DotRegion,
  factor: RowsRegion,
  minimum: (symbol: string) => number,
): DotRegion | undefined {
  const [row] = factor.rows as readonly [Loop];
  const { value, target } = factor.rowStores[0]!;
  if (dot.batch.length > 0 || dot.ragged || dot.rowSums) return undefined;
  if (!equal(row.size, dot.m.size) || !equal(factor.col.size, dot.k.size)) return undefined;
  const factors = factorsOf(dot.a);
  const isScale = (expr: Expr): boolean =>
    expr.kind === 'load' && reads(expr, target) && isVariable(expr.at, dot.m);
  const others = factors.filter((expr) => !isScale(expr));
  if (others.length !== factors.length - 1 || others.length === 0) return undefined;
  const elsewhere = [
    ...others,
    ...dot.groups.flatMap(({ products, stores }) => [
      ...products.map(({ b }) => b),
      ...stores.flatMap((store) => [store.at, store.value]),
    ]),
  ];
  if (elsewhere.some((expr) => uses(expr, (e) => reads(e, target)))) return undefined;

  // Expressions belong to one region: both are written anew.
  const e = createExprs(minimum);
  const vars = new Map<LoopVar, Expr>();
  const renew = (loop: Loop): Loop => {
    const made = e.loop(loop.size);
    vars.set(loop.var, e.variable(made.var));
    return made;
  };
  const [m, k] = [renew(dot.m), renew(dot.k)];
  const ns = dot.groups.map(({ n }) => renew(n));
  const accs = dot.groups.flatMap(({ products }) => products.map(({ acc }) => acc));
  const free = Math.max(...accs) + 1;
  const ofRow = new Map<LoopVar, Expr>([
    [row.var, e.variable(m.var)],
    [factor.col.var, e.variable(k.var)],
  ]);
  const sums = new Map(
    factor.stages.map(({ acc }, index) => [acc, e.acc(free + index, 'f32')] as const),
  );
  const rowSums = factor.stages.map((stage, index) => ({
    acc: free + index,
    value: e.replace([stage.value], ofRow)[0]!,
  }));
  const a = e.replace(others, vars).reduce((x, y) => e.binary('mul', x, y));
  if (!readsNothingNew(rowSums, a)) return undefined;
  const [scale] = e.replace([value], ofRow, sums);
  const results = new Map(
    accs.map((acc) => [acc, e.binary('mul', e.acc(acc, 'f32'), scale!)] as const),
  );
  return {
    ...dot,
    m,
    k,
    a,
    rowSums,
    groups: dot.groups.map(({ products, stores }, index) => ({
      n: ns[index]!,
      products: products.map(({ acc, b }) => ({ acc, b: e.replace([b], vars)[0]! })),
      stores: stores.map((store) => {
        const [at, value] = e.replace([store.at, store.value], vars, results);
        return { target: store.target, at: at!, value: value! };
      }),
    })),
    nodes: [...new Set([...factor.nodes, ...dot.nodes])].sort((x, y) => x - y),
    notes: [...dot.notes, `${factor.label} is summed along with it and scales its rows`],
  };
}

/** True where what is summed is loaded by the product too. */
function readsNothingNew(sums: readonly { readonly value: Expr }[], a: Expr): boolean {
  const own = new Set<Expr>();
  uses(a, (e) => {
    own.add(e);
    return false;
  });
  return sums.every(({ value }) => !uses(value, (e) => e.kind === 'load' && !own.has(e)));
}

const factorsOf = (expr: Expr): readonly Expr[] =>
  expr.kind === 'binary' && expr.fn === 'mul' && expr.dtype === 'f32'
    ? [...factorsOf(expr.a), ...factorsOf(expr.b)]
    : [expr];

const isVariable = (expr: Expr, loop: Loop): boolean =>
  expr.kind === 'var' && expr.index === loop.var;

const reads = (expr: Expr, value: number): boolean =>
  expr.kind === 'load' && expr.buffer.kind === 'value' && expr.buffer.value === value;

/** True where some part of the expression is as asked. */
function uses(expr: Expr, isIt: (part: Expr) => boolean, seen = new Set<Expr>()): boolean {
  if (seen.has(expr)) return false;
  seen.add(expr);
  return isIt(expr) || partsOf(expr).some((part) => uses(part, isIt, seen));
}
