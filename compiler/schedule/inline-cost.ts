// Whether computing an element anew wherever it is used is cheaper than keeping the tensor in memory.
// Counts simple operations of everything that would be inlined; loads from memory are free.
import { unreachable } from '../invariant.ts';
import type { BinaryFn, Node, NodeId, UnaryFn } from '../ops/op.ts';
import { isOuterProduct } from './dot-roles.ts';
import type { Program } from './program.ts';

const COSTLY = 8;

/** A norm's scaling by a row's and a column's factor is two operations: what costs more is stored. */
const CHEAP = 2;

/** Nodes looked at before giving up: views cost nothing, but a long row of them is no cheap expression. */
const MOST_NODES = 100;

/** True if a node costs little with everything inlined but the nodes for which `isStored` holds. */
export function isCheap(id: NodeId, program: Program, isStored: (id: NodeId) => boolean): boolean {
  let cost = 0;
  let looked = 0;
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const node = isStored(next) ? undefined : program.node(next);
    if (!node) continue;
    cost += ownCost(node);
    looked++;
    if (cost > CHEAP || looked > MOST_NODES) return false;
    queue.push(...node.inputs);
  }
  return true;
}

function ownCost(node: Node): number {
  const { op } = node;
  switch (op.kind) {
    case 'unary':
      return node.type.dtype === 'f32' ? unaryCost(op.fn) : INTEGER;
    case 'binary':
      return node.type.dtype === 'f32' ? binaryCost(op.fn) : INTEGER;
    case 'select':
    case 'pad':
    case 'concat':
    case 'gather':
      return 1;
    case 'cast':
      return INTEGER;
    case 'dot':
      return isOuterProduct(node) ? 1 : 0;
    default:
      return 0;
  }
}

const INTEGER = 0.25;

function unaryCost(fn: UnaryFn): number {
  switch (fn) {
    case 'exp':
    case 'log':
    case 'tanh':
    case 'erf':
    case 'sigmoid':
    case 'sin':
    case 'cos':
      return COSTLY;
    case 'sqrt':
    case 'rsqrt':
      return COSTLY / 2;
    case 'neg':
    case 'abs':
    case 'floor':
    case 'not':
      return 1;
    default:
      return unreachable(fn, 'schedule');
  }
}

const binaryCost = (fn: BinaryFn): number => (fn === 'pow' ? COSTLY : 1);
