// Expressions as WGSL, one element or four at a time. A part that is used more than once gets a name, in the outermost block
// that has the variables it needs, so that inner loops hold only what changes in them.
// Four at a time means along the one loop variable that is bound with `vec`: parts equal in all lanes stay scalar, and loads
// of neighbours become one load of a vec4f.
import { invariant, unreachable } from '../invariant.ts';
import type { Expr, ExprType, LoopVar } from '../schedule/schedule.ts';
import { type Block, type BoundBuffer, bare, type KernelBuilder } from './builder.ts';
import { countUses, freeOf } from './free.ts';
import { type Lanes, lanesFrom } from './lanes.ts';
import { elementOf, literal, typeName } from './literal.ts';
import { binaryText, type OperatorContext, powerText, unaryText } from './operator.ts';

/** What a loop variable or a result is called, from which block on. Names never change their value. */
export interface Bound {
  readonly block: Block;
  /** The scalar; lane 0 where there are four. */
  readonly text: string;
  /** `aligned`: the lanes are text, text + 1, + 2, + 3, and text is a multiple of four. */
  readonly vec?: { readonly text: string; readonly aligned: boolean };
  /** A divisor of the scalar, of 1, 2, 4; one where absent. */
  readonly align?: number;
}

/** A place to print at: the block, and the names of what expressions depend on. */
export interface Site {
  readonly block: Block;
  readonly vars: ReadonlyMap<LoopVar, Bound>;
  readonly accs: ReadonlyMap<number, Bound>;
}

export function siteIn(
  outer: Site,
  block: Block,
  vars: readonly (readonly [LoopVar, Bound])[] = [],
  accs: readonly (readonly [number, Bound])[] = [],
): Site {
  return {
    block,
    vars: new Map([...outer.vars, ...vars]),
    accs: new Map([...outer.accs, ...accs]),
  };
}

export interface Printer {
  /** The value at lane 0. */
  scalar(expr: Expr, site: Site): string;
  /** The values of all four lanes. */
  vector(expr: Expr, site: Site): string;
  lanes(expr: Expr, site: Site): Lanes;
}

type Width = 1 | 4;
const LANES = ['x', 'y', 'z', 'w'] as const;

/** Conditions on the way to a load that only then is inside its buffer. */
interface Guard {
  readonly cond: Expr;
  readonly holds: boolean;
  readonly outer: Guard | undefined;
}

/** `roots` are all expressions that will be printed: what several of them share is named. */
export function createPrinter(builder: KernelBuilder, roots: readonly Expr[]): Printer {
  const uses = countUses(roots);
  const printed = new Map<Block, Map<string, string>>();
  const lanesKnown = new Map<string, Lanes>();

  // --- What a part depends on

  function boundOf(key: 'vars' | 'accs', index: number, site: Site): Bound {
    const bound = site[key].get(index);
    invariant(bound, 'wgsl', `${key} ${index} is not bound here`);
    return bound;
  }
  function boundsOf(expr: Expr, site: Site): readonly Bound[] {
    const { vars, accs } = freeOf(expr);
    return [
      ...[...vars].map((index) => boundOf('vars', index, site)),
      ...[...accs].map((index) => boundOf('accs', index, site)),
    ];
  }
  const keyOf = (expr: Expr, site: Site): string =>
    `${freeOf(expr).id} ${boundsOf(expr, site)
      .map(({ text, vec, align }) => `${text}:${vec?.text ?? ''}:${align ?? ''}`)
      .join(' ')}`;
  const guardKey = (guard: Guard | undefined, site: Site): string =>
    guard ? `${guard.holds} ${keyOf(guard.cond, site)} ${guardKey(guard.outer, site)}` : '';

  const deeper = (a: Block, b: Block): Block => (b.depth > a.depth ? b : a);
  function homeOf(expr: Expr, site: Site, guard: Guard | undefined): Block {
    let home = boundsOf(expr, site).reduce((block, b) => deeper(block, b.block), builder.main);
    for (let g = guard; g; g = g.outer) home = deeper(home, homeOf(g.cond, site, undefined));
    return home;
  }

  function lanes(expr: Expr, site: Site): Lanes {
    const key = keyOf(expr, site);
    let known = lanesKnown.get(key);
    if (!known) {
      const leaf = expr.kind === 'var' || expr.kind === 'acc';
      known = leaf ? leafLanes(expr, site) : lanesFrom(expr, (part) => lanes(part, site));
      lanesKnown.set(key, known);
    }
    return known;
  }
  function leafLanes(expr: Expr & { kind: 'var' | 'acc' }, site: Site): Lanes {
    const { vec, align } = boundOf(expr.kind === 'var' ? 'vars' : 'accs', expr.index, site);
    if (!vec) return { step: 0, align: align ?? 1 };
    return vec.aligned ? { step: 1, align: 4 } : { align: 1 };
  }

  // --- Printing

  function print(
    expr: Expr,
    width: Width,
    site: Site,
    target: Block,
    outerGuard: Guard | undefined,
  ): string {
    const guard = freeOf(expr).loads ? outerGuard : undefined;
    if (width === 4 && lanes(expr, site).step === 0 && guardUniform(guard, site))
      return `${typeName(expr.dtype, 4)}(${print(expr, 1, site, target, guard)})`;
    switch (expr.kind) {
      case 'const':
        return literal(expr.value, expr.dtype);
      case 'size':
        return builder.size(expr.size);
      case 'var':
      case 'acc': {
        const { text, vec } = boundOf(expr.kind === 'var' ? 'vars' : 'accs', expr.index, site);
        return width === 4 ? vec!.text : text;
      }
    }
    const home = homeOf(expr, site, guard);
    const key = `${width} ${keyOf(expr, site)} ${guardKey(guard, site)}`;
    const names = printed.get(home) ?? new Map<string, string>();
    printed.set(home, names);
    const old = names.get(key);
    if (old) return old;
    const text = compose(expr, width, site, home, guard);
    // A load is named even if used once: rows of one thread print the same expression, and what they share should be read once.
    if (home === target && (uses.get(expr) ?? 0) <= 1 && expr.kind !== 'load') return text;
    const name = builder.named(home, text);
    names.set(key, name);
    return name;
  }

  function compose(
    expr: Exclude<Expr, { kind: 'const' | 'size' | 'var' | 'acc' }>,
    width: Width,
    site: Site,
    home: Block,
    guard: Guard | undefined,
  ): string {
    const context: OperatorContext = {
      width,
      call: (name) => builder.call(name, width),
      name: (text) => builder.named(home, text),
    };
    const part = (e: Expr): string => print(e, width, site, home, guard);
    // WGSL evaluates expressions of literals itself and refuses those that overflow, so one operand becomes a variable.
    const operand = (e: Expr): string =>
      e.kind === 'const' ? builder.named(builder.main, part(e)) : part(e);
    switch (expr.kind) {
      case 'unary':
        return unaryText(expr.fn, operand(expr.a), context);
      case 'cast':
        return `${typeName(expr.dtype, width)}(${operand(expr.a)})`;
      case 'select': {
        const cond = part(expr.cond);
        const branch = (e: Expr, holds: boolean): string => {
          const inner = isIndexCondition(expr.cond)
            ? { cond: expr.cond, holds, outer: guard }
            : guard;
          return print(e, width, site, home, inner);
        };
        return `select(${branch(expr.else, false)}, ${branch(expr.then, true)}, ${cond})`;
      }
      case 'binary': {
        const { fn, a, b } = expr;
        if (isSum(expr) && width === 1) return sum(expr, site, home, guard);
        const left = b.kind === 'const' ? operand(a) : part(a);
        const power = fn === 'pow' ? powerText(left, b, context) : undefined;
        return power ?? binaryText(fn, a.dtype, left, part(b), context);
      }
      case 'load':
        return loadText(expr, width, site, home, guard);
      default:
        return unreachable(expr, 'wgsl');
    }
  }

  /** A sum of indices, and of a parameter: what is known in outer blocks is added up there. */
  function sum(
    expr: Expr,
    site: Site,
    home: Block,
    guard: Guard | undefined,
    param?: string,
  ): string {
    const terms: Expr[] = [];
    const flatten = (e: Expr, root: boolean): void => {
      if (!isSum(e) || !(root || (uses.get(e) ?? 0) <= 1)) terms.push(e);
      else for (const part of [e.a, e.b]) flatten(part, false);
    };
    flatten(expr, true);
    const placed = terms.map((term) => {
      const block = homeOf(term, site, guard);
      return { block, text: () => print(term, 1, site, block, guard) };
    });
    if (param) placed.unshift({ block: builder.main, text: () => param });
    placed.sort((x, y) => x.block.depth - y.block.depth);
    let total = '';
    for (const [index, { block, text }] of placed.entries()) {
      total = index === 0 ? text() : `(${total} + ${text()})`;
      const next = placed[index + 1]?.block ?? home;
      if (next !== block && index > 0) total = builder.named(block, total);
    }
    return total;
  }

  // --- Loads

  function loadText(
    expr: Expr & { kind: 'load' },
    width: Width,
    site: Site,
    home: Block,
    guard: Guard | undefined,
  ): string {
    const { at } = expr;
    const base = expr.buffer.kind === 'weight' ? builder.offset(expr.buffer.name) : undefined;
    const indices = (w: Width): string => {
      if (base && !guard && w === 1 && isSum(at) && (uses.get(at) ?? 0) <= 1)
        return sum(at, site, home, guard, base);
      let text = print(at, w, site, home, guard);
      if (guard)
        text = `select(${w === 4 ? 'vec4u(0u)' : '0u'}, ${text}, ${guardText(guard, w, site, home)})`;
      return base ? `(${w === 4 ? `vec4u(${base})` : base} + ${text})` : text;
    };
    const { step, align } = lanes(at, site);
    if (width === 1)
      return element(builder.read(expr.buffer, elementOf(expr.dtype)), indices(1), expr.dtype);
    const inRow = step !== undefined && step >= 0 && guardUniform(guard, site);
    const first = inRow ? indices(1) : '';
    if (inRow && step === 1 && align === 4 && expr.dtype === 'f32' && builder.wide)
      return `${builder.read(expr.buffer, 'vec4f').name}[${first} >> 2u]`;
    const buffer = builder.read(expr.buffer, elementOf(expr.dtype));
    const origin = builder.named(home, inRow ? first : indices(4));
    const ats = LANES.map((name, lane) => {
      if (!inRow) return `${origin}.${name}`;
      return lane === 0 ? origin : `${origin} + ${step * lane}u`;
    });
    const elements = ats.map((index) => element(buffer, index, expr.dtype));
    return `${typeName(expr.dtype, 4)}(${elements.join(', ')})`;
  }
  const guardUniform = (guard: Guard | undefined, site: Site): boolean =>
    !guard || (lanes(guard.cond, site).step === 0 && guardUniform(guard.outer, site));

  function guardText(guard: Guard, width: Width, site: Site, home: Block): string {
    const cond = print(guard.cond, width, site, home, guard.outer);
    const text = guard.holds ? cond : `(!${cond})`;
    if (!guard.outer) return text;
    return `(${guardText(guard.outer, width, site, home)} & ${text})`;
  }

  return {
    scalar: (expr, site) => print(expr, 1, site, site.block, undefined),
    vector: (expr, site) => print(expr, 4, site, site.block, undefined),
    lanes,
  };
}

type Sum = Expr & { kind: 'binary' };
const isSum = (expr: Expr): expr is Sum =>
  expr.kind === 'binary' && expr.fn === 'add' && expr.dtype === 'u32';

/** One element as a value of its type. */
function element({ name }: BoundBuffer, at: string, dtype: ExprType): string {
  const text = `${name}[${bare(at)}]`;
  return dtype === 'bool' ? `(${text} != 0u)` : text;
}

/** True for conditions on indices, which views make (pad, concat); a user's conditions choose between values that both exist. */
function isIndexCondition(cond: Expr): boolean {
  if (cond.kind === 'unary') return isIndexCondition(cond.a);
  if (cond.kind !== 'binary') return false;
  if (cond.fn === 'and' || cond.fn === 'or')
    return isIndexCondition(cond.a) || isIndexCondition(cond.b);
  return cond.a.dtype === 'u32';
}
