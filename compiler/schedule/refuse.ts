// Says that no device of the target's limits can run a model, at the place in the source where the reason stands.
import type { Code } from '../diagnostics/codes.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Graph } from '../graph/graph.ts';
import { InternalError } from '../invariant.ts';
import type { Span } from '../source.ts';

/** Without anyone to report to, the refusal is thrown. Graphs that no source stands behind are shown by name. */
export function refuse(
  graph: Graph,
  report: Report | undefined,
  code: Code,
  span: Span | undefined,
  message: string,
  hint?: string,
): void {
  if (!report) throw new InternalError('schedule', `${code}: ${message}`);
  const file = { path: graph.name, text: '' };
  report({
    code,
    severity: 'error',
    message,
    span: span ?? { file, start: 0, end: 0 },
    related: [],
    ...(hint !== undefined && { hint }),
  });
}
