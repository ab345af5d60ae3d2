// The state of one elaboration, with the functions that reach each other through it.
import type { Item } from '../ast/ast.ts';
import type { Diagnostic, Report } from '../diagnostics/diagnostic.ts';
import type { Module, Program } from '../modules.ts';
import { applyLayer, applySum, applyWiring } from './apply.ts';
import type { Env, Frame, Run } from './context.ts';
import { evaluate, evaluateLayer } from './evaluate.ts';
import { ExpansionStopped } from './limits.ts';
import type { Step } from './model.ts';

export function startRun(program: Program, isGeneric: boolean, report: Report): Run {
  return {
    isGeneric,
    program,
    report,
    totals: {
      layers: 0,
      operations: 0,
      evaluations: 0,
      parameters: 0n,
      layerDepth: 0,
      expressionDepth: 0,
    },
    weights: new Map(),
    weightNodes: new Map(),
    inputs: new Map(),
    settings: new Map(),
    equations: [],
    causal: new Set(),
    choices: [],
    nextId: 0,
    evaluate,
    evaluateLayer,
    apply: applyLayer,
    applyWiring,
    applyAll: applySum,
  };
}

/** The top of what is elaborated: no path, nothing named yet. */
export function topEnv(run: Run, module: Module, layer: string, item?: Item): Env {
  const steps: Step[] = [];
  const frame: Frame = {
    path: '',
    layer,
    names: new Map(),
    prefix: '',
    repeats: [],
    steps,
    weightSteps: steps,
    auxiliary: [],
    isRegion: false,
  };
  const lineage = item && { item, outer: undefined };
  return { run, frame, scope: { names: new Map(), outer: undefined, module, lineage } };
}

/** Runs to the end, or to the limit of expansion, whose diagnostic is made by then. */
export function untilStopped<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof ExpansionStopped) return undefined;
    throw error;
  }
}

/** Passes every mistake on once, however often its place is elaborated. */
export function withoutRepetition(report: Report): Report {
  const seen = new Set<string>();
  return (diagnostic: Diagnostic) => {
    const { code, span } = diagnostic;
    const key = `${code} ${span.file.path} ${span.start} ${span.end}`;
    if (seen.has(key)) return;
    seen.add(key);
    report(diagnostic);
  };
}
