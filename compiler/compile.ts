// The whole pipeline, to be read first: from a .bform file to everything that a bundle is made of.
//
//   text --parse--> Cst --buildAst--> Ast --loadProgram--> Program --elaborate--> Model --lower--> Graph --runPasses--> Graph
//   Graph --schedule--> Schedule --emitKernels--> kernels and dispatches --emitBundle--> the bundle's files
//
// Each stage is one function of its own folder and sees only the types of the stage before it; they meet here alone.
// Pure: source text comes in through a `SourceReader`, results go back as data.
import { parse } from '../grammar/parse.ts';
import type { AstFile } from './ast/ast.ts';
import { buildAst } from './ast/build-ast.ts';
import type { Decoding } from './bundle/build-manifest.ts';
import { type BundleFiles, type BundleParts, emitBundle } from './bundle/emit-bundle.ts';
import { type CostReport, countCost } from './cost/count-cost.ts';
import { type DecodeCost, decodeCost, runSizes } from './cost/decode-cost.ts';
import type { Sizes } from './cost/opaque-counts.ts';
import { predictTimes } from './cost/predict-times.ts';
import { type SymbolicCost, symbolicCost } from './cost/symbolic-cost.ts';
import type { Diagnostic, Report, Severity } from './diagnostics/diagnostic.ts';
import { canonicalForm } from './graph/canonical.ts';
import type { Graph } from './graph/graph.ts';
import { stepGraph } from './graph/incremental/step-graph.ts';
import { type LowerOptions, lower } from './graph/lower.ts';
import { runPasses } from './graph/passes/run-passes.ts';
import { checkProgram } from './model/check-program.ts';
import { type ElaborateOptions, elaborate } from './model/elaborate.ts';
import type { Model } from './model/model.ts';
import { loadProgram, type Program, type SourceReader } from './modules.ts';
import { checkBudget, type Demand, type Measuring } from './report/check-budget.ts';
import { flowOf } from './report/flow.ts';
import { asReported } from './report/formulas.ts';
import type { MemoryClasses, ModelReport, ReportDevice } from './report/model-report.ts';
import { filesOf, structureOf } from './report/structure.ts';
import { memoryTimeline } from './schedule/memory-timeline.ts';
import { bytesWritten, memoryUse } from './schedule/memory-use.ts';
import type { BytesOf } from './schedule/plan-slots.ts';
import type { Schedule } from './schedule/schedule.ts';
import { type ScheduleOptions, schedule } from './schedule/schedule-graph.ts';
import type { SourceFile } from './source.ts';
import { type EmittedKernels, emitKernels } from './wgsl/emit-kernels.ts';
import { sha256 } from './wgsl/sha256.ts';
import { PORTABLE, type Target } from './wgsl/target.ts';

/** What came of a file: a result, or `undefined` where `diagnostics` hold errors. */
export interface Outcome<Result> {
  readonly diagnostics: readonly Diagnostic[];
  readonly result: Result | undefined;
}

/** A model that is right: its structure and its core graph after the passes. */
export interface Analysis {
  readonly model: Model;
  readonly graph: Graph;
}

/** An analysis with the order and the memory in which it runs: what costs are read off. */
export interface Plan extends Analysis {
  readonly schedule: Schedule;
  /** What it was scheduled for. */
  readonly limits: ScheduleOptions;
}

/** A plan with the kernels that run it, and with what computes a text step by step. */
export interface Compilation extends Plan, EmittedKernels {
  readonly decoding: Decoding;
}

/** Which model of the file, with which arguments, and whether losses and measured values are computed too. */
export interface AnalyzeOptions extends ElaborateOptions, LowerOptions {
  /** Called with the graph as it was lowered (`lower`), then after each pass that changed it. */
  readonly tracePass?: (pass: string, graph: Graph) => void;
}

/** What the costs are counted for. */
export interface CostOptions {
  /** How weights and activations were stored; what the compiler emits stores f32. */
  readonly stored?: 'f32' | 'f16';
}

/** What `AnalyzeOptions` say, and the limits of the devices that are to run the model. */
export interface CompileOptions extends AnalyzeOptions, ScheduleOptions {
  /** What runs the kernels: they may then need just this device. Any device by default. */
  readonly target?: Target;
}

/** Parses a file and the files it uses, without looking into their layers. */
export function load(entry: string, reader: SourceReader): Outcome<Program> {
  return collect((report) => loadProgram(entry, reader, parseFile, report));
}

/** Checks every layer, block and model of a file, also those that nothing uses. */
export function check(entry: string, reader: SourceReader): Outcome<Program> {
  return collect((report) => {
    const program = loadProgram(entry, reader, parseFile, report);
    if (program) checkProgram(program, report);
    return program;
  });
}

/** A file's model and its graph: enough for parameters and FLOPs, whatever the device. */
export function analyze(
  entry: string,
  reader: SourceReader,
  options: AnalyzeOptions = {},
): Outcome<Analysis> {
  return collect((report) => analysis(entry, reader, options, report));
}

/** The same of a file that is loaded already, as for many values of its parameters. */
export function analyzeLoaded(program: Program, options: AnalyzeOptions = {}): Outcome<Analysis> {
  return collect((report) => analysisOf(program, options, report));
}

/** A file's model, scheduled. */
export function plan(
  entry: string,
  reader: SourceReader,
  options: CompileOptions = {},
): Outcome<Plan> {
  return collect((report) => planned(entry, reader, options, report));
}

/** A file's model, scheduled and written as kernels. */
export function compile(
  entry: string,
  reader: SourceReader,
  options: CompileOptions = {},
): Outcome<Compilation> {
  return collect((report) => {
    const found = planned(entry, reader, options, report);
    return found && emit(found, options.target);
  });
}

/** A model of a program that is loaded already, scheduled. */
export function planLoaded(program: Program, options: CompileOptions = {}): Outcome<Plan> {
  return collect((report) => {
    const analyzed = analysisOf(program, options, report);
    return analyzed && scheduled(analyzed, options, report);
  });
}

/** A plan with the kernels that run it. */
export const emit = (found: Plan, target: Target = PORTABLE): Compilation => ({
  ...found,
  ...emitKernels(found.schedule, { target }),
  decoding: decodingOf(found, target),
});

function decodingOf({ graph, limits }: Plan, target: Target): Decoding {
  const step = stepGraph(graph);
  if (step.kind === 'refused') {
    const { path, layer } = step.origin;
    return { kind: 'none', why: `${path ? `\`${path}\` (${layer})` : `\`${layer}\``} ${step.why}` };
  }
  const { past, last, capacity } = step;
  const own = runPasses(step.graph);
  let fits = true;
  const scheduled = schedule(own, limits, () => {
    fits = false;
  });
  if (!fits) return { kind: 'none', why: `\`${graph.name}\` needs more than a device binds` };
  const names = { past, last: last!, capacity };
  const kernels = emitKernels(scheduled, { target });
  return { kind: 'program', graph: own, schedule: scheduled, ...kernels, ...names };
}

/** What one forward run costs at the given sizes (`{ b: 1, t: 1024 }`), memory included. */
export function cost(
  { graph, schedule }: Plan,
  sizes: Sizes,
  { stored = 'f32' }: CostOptions = {},
): CostReport {
  const bytesOf = storedBytes(stored);
  return countCost(
    graph,
    sizes,
    memoryUse(graph, schedule, sizes, bytesOf),
    BigInt(bytesOf('f32')),
  );
}

/** What one more token of each sequence costs at place `t`, with the keys and values of those before kept. */
export function costOfDecoding(
  { graph, schedule }: Plan,
  sizes: Sizes,
  { stored = 'f32' }: CostOptions = {},
): DecodeCost {
  const bytesOf = storedBytes(stored);
  return decodeCost(
    graph,
    sizes,
    (at) => memoryUse(graph, schedule, at, bytesOf),
    BigInt(bytesOf('f32')),
  );
}

export interface DescribeOptions extends CostOptions {
  /** As the model was asked for: `model.bform:tiny`. */
  readonly place: string;
  /** What times are predicted for. */
  readonly device?: ReportDevice | undefined;
  /** What a session will allocate, where that is known. */
  readonly memory?: MemoryClasses | undefined;
}

/** The costs of a forward run as formulas in its sizes, which hold around those given. `depth`: of the tree of layers; all of it where absent. */
export function formulas(
  { model, graph, schedule }: Plan,
  sizes: Sizes,
  { stored = 'f32', depth }: CostOptions & { readonly depth?: number | undefined } = {},
): SymbolicCost | undefined {
  const bytesOf = storedBytes(stored);
  const found = symbolicCost(graph, sizes, bytesWritten(schedule, bytesOf), bytesOf('f32'));
  return found && asReported(found, structureOf(model), depth);
}

/** Everything that a report of a plan shows, around what it costs. */
export function describe(
  plan: Plan,
  costs: CostReport,
  { place, device, memory, stored = 'f32' }: DescribeOptions,
): ModelReport {
  const { model, schedule } = plan;
  const structure = structureOf(model);
  return {
    doc: model.doc,
    place,
    hash: modelHash(model),
    cost: costs,
    stored,
    memory,
    device,
    times: device && predictTimes(costs, device.roofline),
    formulas: formulas(plan, costs.symbols, { stored }),
    timeline: memoryTimeline(schedule, runSizes(costs), storedBytes(stored)),
    structure,
    flow: flowOf(model.body),
    sources: filesOf(structure),
  };
}

/** A diagnostic for each demand that a model does not meet, with the layers that cost most. */
export const overBudget = (
  found: Plan,
  demands: readonly Demand[],
  memoryAt: Measuring['memoryAt'],
  severity: Severity = 'error',
): Diagnostic[] =>
  checkBudget(found.model, demands, { costsAt: (sizes) => cost(found, sizes), memoryAt }, severity);

/** The files of a compiled model's bundle, by name. */
export function bundle(
  compilation: Compilation,
  extra: Omit<BundleParts, keyof Compilation | 'doc'>,
): Promise<BundleFiles> {
  return emitBundle({ ...compilation, ...extra, doc: compilation.model.doc });
}

/**
 * A model as text that depends on what it computes and on how its weights begin, not on names, comments or spelling; equal for
 * a repeat and the same steps written out.
 */
export const canonicalText = (model: Model): string =>
  canonicalForm(lower(model, { auxiliary: true }));

/** SHA-256 of the canonical text: two models of one hash are duplicates. */
export const modelHash = (model: Model): string => sha256(canonicalText(model));

const storedBytes =
  (stored: 'f32' | 'f16'): BytesOf =>
  (dtype) =>
    dtype === 'f32' && stored === 'f16' ? 2 : 4;

function analysis(
  entry: string,
  reader: SourceReader,
  options: AnalyzeOptions,
  report: Report,
): Analysis | undefined {
  const program = loadProgram(entry, reader, parseFile, report);
  return program && analysisOf(program, options, report);
}

function analysisOf(
  program: Program,
  options: AnalyzeOptions,
  report: Report,
): Analysis | undefined {
  const model = elaborate(program, options, report);
  if (!model) return undefined;
  const lowered = lower(model, options);
  options.tracePass?.('lower', lowered);
  return { model, graph: runPasses(lowered, options.tracePass) };
}

function planned(
  entry: string,
  reader: SourceReader,
  options: CompileOptions,
  report: Report,
): Plan | undefined {
  const analyzed = analysis(entry, reader, options, report);
  return analyzed && scheduled(analyzed, options, report);
}

const scheduled = (analyzed: Analysis, options: CompileOptions, report: Report): Plan => ({
  ...analyzed,
  schedule: schedule(analyzed.graph, options, report),
  limits: options,
});

function parseFile(file: SourceFile, report: Report): AstFile {
  const { cst, comments } = parse(file, report);
  return buildAst(cst, comments, file, report);
}

/** Runs stages with a report of their own; whatever they give counts only where no error was reported. */
function collect<Result>(stages: (report: Report) => Result | undefined): Outcome<Result> {
  const diagnostics: Diagnostic[] = [];
  const result = stages((diagnostic) => diagnostics.push(diagnostic));
  const failed = diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  return { diagnostics, result: failed ? undefined : result };
}
