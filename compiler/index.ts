// The compiler's public face: what a program that embeds bform imports as `bform`.
export type { BundleFiles } from './bundle/emit-bundle.ts';
export {
  type Analysis,
  type AnalyzeOptions,
  analyze,
  bundle,
  type Compilation,
  type CompileOptions,
  canonicalText,
  check,
  compile,
  cost,
  costOfDecoding,
  describe,
  load,
  modelHash,
  type Outcome,
} from './compile.ts';
export { type CostReport, countCost } from './cost/count-cost.ts';
export { CODES, type Code } from './diagnostics/codes.ts';
export type { Diagnostic, Related, Severity } from './diagnostics/diagnostic.ts';
export { renderDiagnostics, toJson } from './diagnostics/render.ts';
export { type Explanation, explain } from './explain.ts';
export type { Graph } from './graph/graph.ts';
export { printGraph } from './graph/print.ts';
export { InternalError } from './invariant.ts';
export type { Model } from './model/model.ts';
export type { Program, SourceReader } from './modules.ts';
export { interpret } from './reference/interpret.ts';
export { reportCsv } from './report/csv.ts';
export { type ReportJson, reportJson } from './report/json.ts';
export { reportMarkdown } from './report/markdown.ts';
export type { ModelReport } from './report/model-report.ts';
export { reportTable } from './report/table.ts';
export { printSchedule } from './schedule/print.ts';
export type { Schedule } from './schedule/schedule.ts';
