// Common subexpressions: a node that computes what an earlier one in scope has computed is replaced by it.
// Regions see the expressions of the lists around them. Attention and repeats are left as they stand.
import type { NodeId, Op } from '../../ops/op.ts';
import type { Graph } from '../graph.ts';
import { rewriteGraph, type Scope } from './rewrite.ts';

export function mergeCommon(graph: Graph): Graph {
  const tables = new WeakMap<Scope, Map<string, NodeId>>();
  const find = (key: string, scope: Scope | undefined): NodeId | undefined =>
    scope && (tables.get(scope)?.get(key) ?? find(key, scope.outer));
  return rewriteGraph(graph, (node, { scope }) => {
    if (node.op.kind === 'attend' || node.op.kind === 'repeat') return undefined;
    const key = `${opKey(node.op)}(${node.inputs.join()})`;
    const known = find(key, scope);
    if (known !== undefined) return known;
    const table = tables.get(scope) ?? new Map<string, NodeId>();
    tables.set(scope, table.set(key, node.id));
    return undefined;
  });
}

/** Text that two operations share only if they are the same; JSON alone would lose the sign of zero. */
function opKey(op: Op): string {
  return JSON.stringify(op, (name, value: unknown) => {
    if (name === 'terms') return undefined;
    return Object.is(value, -0) ? '-0' : value;
  });
}
