// An expression as text, written out in full up to a length: for reading, not for parsing back.
import { unreachable } from '../invariant.ts';
import type { BinaryFn } from '../ops/op.ts';
import type { BufferRef, Expr } from './schedule.ts';

const LONGEST = 600;

export function exprText(expr: Expr): string {
  const text = write(expr, new Map());
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

const SIGNS: Partial<Record<BinaryFn, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  mod: '%',
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  and: 'and',
  or: 'or',
};

function write(expr: Expr, done: Map<Expr, string>): string {
  const old = done.get(expr);
  if (old !== undefined) return old;
  const text = writeNew(expr, (part) => write(part, done));
  // Shared parts would make the text exponential in the expression.
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  done.set(expr, short);
  return short;
}

function writeNew(expr: Expr, part: (expr: Expr) => string): string {
  switch (expr.kind) {
    case 'const':
      return String(expr.value);
    case 'var':
      return `i${expr.index}`;
    case 'size':
      return /^\w+$/.test(expr.size.text) ? expr.size.text : `(${expr.size.text})`;
    case 'load':
      return `${bufferText(expr.buffer)}[${part(expr.at)}]`;
    case 'acc':
      return `a${expr.index}`;
    case 'unary':
      return `${expr.fn}(${part(expr.a)})`;
    case 'binary': {
      const sign = SIGNS[expr.fn];
      const [a, b] = [part(expr.a), part(expr.b)];
      return sign ? `(${a} ${sign} ${b})` : `${expr.fn}(${a}, ${b})`;
    }
    case 'select':
      return `(${part(expr.cond)} ? ${part(expr.then)} : ${part(expr.else)})`;
    case 'cast':
      return `${expr.dtype}(${part(expr.a)})`;
    default:
      return unreachable(expr, 'schedule');
  }
}

function bufferText(buffer: BufferRef): string {
  return buffer.kind === 'value' ? `v${buffer.value}` : buffer.name;
}
