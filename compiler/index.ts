// The compiler's public face: what a program that embeds bform imports as `bform`.
export type { BundleFiles, BundleParts } from './bundle/emit-bundle.ts';
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
  formulas,
  load,
  modelHash,
  type Outcome,
  type Plan,
  plan,
} from './compile.ts';
export {
  type CostMode,
  type CostReport,
  type CostRow,
  countCost,
  type ParamCounts,
} from './cost/count-cost.ts';
export type { Work } from './cost/work.ts';
export {
  CODE_GROUPS,
  CODES,
  type Code,
  type CodeEntry,
  type CodeGroup,
} from './diagnostics/codes.ts';
export type { Diagnostic, Related, Severity } from './diagnostics/diagnostic.ts';
export {
  type JsonDiagnostic,
  type RenderOptions,
  renderDiagnostics,
  toJson,
} from './diagnostics/render.ts';
export { type ExplainedFile, type Explanation, explain, type StdReader } from './explain.ts';
export type { Graph } from './graph/graph.ts';
export type { LowerOptions } from './graph/lower.ts';
export { printGraph } from './graph/print.ts';
export { InternalError } from './invariant.ts';
export type { ElaborateOptions } from './model/elaborate.ts';
export type { Model } from './model/model.ts';
export type { Program, SourceReader } from './modules.ts';
export {
  type Bindings,
  type Interpretation,
  interpret,
  type Observe,
} from './reference/interpret.ts';
export type { Rounding } from './reference/rounding.ts';
export { reportCsv } from './report/csv.ts';
export { type ReportJson, reportJson } from './report/json.ts';
export { reportMarkdown } from './report/markdown.ts';
export type { ModelReport } from './report/model-report.ts';
export { reportTable } from './report/table.ts';
export { printSchedule } from './schedule/print.ts';
export type { Schedule } from './schedule/schedule.ts';
export type { ScheduleOptions } from './schedule/schedule-graph.ts';
export type { SourceFile, Span } from './source.ts';
