// What the models of stdlib/papers cost, in their full sizes.
import { readFileSync } from 'node:fs';
import { analyze } from '../../compiler/compile.ts';
import { type CostReport, countCost } from '../../compiler/cost/count-cost.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { sources } from './sources.ts';

/** The graph of a model of stdlib/papers/FILE.bform; a file of one model needs no name. */
export function paperGraph(
  file: string,
  model?: string,
  args: Readonly<Record<string, number>> = {},
): Graph {
  const path = new URL(`../../stdlib/papers/${file}.bform`, import.meta.url);
  const reader = sources({ 'paper.bform': readFileSync(path, 'utf8') });
  const options = { args, ...(model !== undefined && { model }) };
  const { result, diagnostics } = analyze('paper.bform', reader, options);
  if (!result) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return result.graph;
}

/** The report of one sequence of the model's full length. */
export function paperReport(file: string, model?: string): CostReport {
  const graph = paperGraph(file, model);
  const sizes = graph.symbols.map(({ name, min, max }) => [
    name,
    name === 't' ? (max ?? min) : min,
  ]);
  return countCost(graph, Object.fromEntries(sizes));
}
