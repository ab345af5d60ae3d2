// What an expression is directly made of: the one step of every walk over expressions, here and in wgsl/.
import type { Expr } from './schedule.ts';

export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'var':
    case 'size':
    case 'acc':
      return [];
    case 'load':
      return [expr.at];
    case 'unary':
    case 'cast':
      return [expr.a];
    case 'binary':
      return [expr.a, expr.b];
    case 'select':
      return [expr.cond, expr.then, expr.else];
  }
}
