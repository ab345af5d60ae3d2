// A short, stable name for a region: the layer paths that it computes, what they have in common written once.
import type { Cluster } from './cluster.ts';
import type { Program } from './program.ts';

export function labelOf(cluster: Cluster, program: Program): string {
  const ids = cluster.anchors.length > 0 ? cluster.anchors.map((node) => node.id) : cluster.roots;
  const paths = [...new Set(ids.map((id) => program.node(id)?.origin.path ?? ''))];
  return [joinPaths(paths), cluster.kind].filter((part) => part !== '').join(' ');
}

/** `a.q`, `a.k` as `a.q+k`. */
function joinPaths(paths: readonly string[]): string {
  const [first, ...others] = paths.map((path) => path.split('.'));
  if (!first) return '';
  const differs = (part: string, at: number): boolean =>
    others.some((other) => other[at] !== part || other.length !== first.length);
  const shared = first.findIndex(differs);
  if (shared < 0) return first.join('.');
  const ends = [first, ...others].map((path) => path.slice(shared).join('.'));
  const start = first.slice(0, shared).join('.');
  return start === '' ? ends.join('+') : `${start}.${ends.join('+')}`;
}
