// The report of a model as a command was asked for it: compiled, costed at the sizes, with the memory of a session and, for
// a device, times. Prints nothing but the model's warnings.
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import {
  type Compilation,
  type CompileOptions,
  type CostOptions,
  compile,
  cost,
  costOfDecoding,
  describe,
} from '../compiler/compile.ts';
import type { CostMode, CostReport } from '../compiler/cost/count-cost.ts';
import type { Graph } from '../compiler/graph/graph.ts';
import type { ModelReport, ReportDevice } from '../compiler/report/model-report.ts';
import { warnOfBudget } from './budgets.ts';
import { resultOf } from './diagnostics.ts';
import { UsageError, UserError } from './exit.ts';
import { fileAndModel } from './options.ts';
import { sessionMemoryAt } from './session-memory.ts';
import { openEntry } from './source-reader.ts';

export interface ReportRequest extends CostOptions {
  readonly batch: number;
  /** The model's context, or 128, where absent. */
  readonly seq?: number | undefined;
  readonly mode: CostMode;
  readonly set: Readonly<Record<string, string>>;
  readonly auxiliary: boolean;
  readonly device?: ReportDevice | undefined;
}

/** `place`: `model.bform` or `model.bform:tiny`. Throws `Reported`, `UsageError`, `UserError`. */
export async function reportModel(place: string, request: ReportRequest): Promise<ModelReport> {
  const compilation = compileModel(place, request);
  await warnOfBudget(compilation);
  return reportOn(compilation, place, request);
}

/** Throws `UsageError` for sizes that the model does not take, `UserError` where it cannot be decoded. */
export async function reportOn(
  compilation: Compilation,
  place: string,
  request: Omit<ReportRequest, 'set' | 'auxiliary'>,
): Promise<ModelReport> {
  const { stored = 'f32', mode, device } = request;
  const sizes = sizesOf(compilation.graph, request);
  const costs =
    mode === 'forward'
      ? cost(compilation, sizes, { stored })
      : decoding(compilation, sizes, { stored });
  const emitted = mode === 'forward' && stored === 'f32';
  const memory = emitted
    ? sessionMemoryAt({ ...(await buildManifest(compilation)), files: {} }, sizes)
    : undefined;
  return describe(compilation, costs, { place, stored, device, memory });
}

/** A model has its costs also where no device could bind its weights. */
export function compileModel(
  place: string,
  { set, auxiliary }: Pick<ReportRequest, 'set' | 'auxiliary'>,
): Compilation {
  const { file, model } = fileAndModel(place);
  const { path, reader } = openEntry(file);
  const options: CompileOptions = {
    args: set,
    auxiliary,
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    ...(model !== undefined && { model }),
  };
  return resultOf(compile(path, reader, options));
}

/** Throws `UsageError` for sizes that the model does not take. */
export function sizesOf(
  { symbols }: Graph,
  { batch, seq }: Pick<ReportRequest, 'batch' | 'seq'>,
): Record<string, number> {
  return Object.fromEntries(
    symbols.map(({ name, min, max }) => {
      const value = name === 'b' ? batch : name === 't' ? (seq ?? max ?? 128) : min;
      if (value >= min && value <= (max ?? value)) return [name, value];
      throw new UsageError(
        `${name} = ${value} is outside the model's limits: ${min} to ${max ?? 'any'}.`,
      );
    }),
  );
}

function decoding(
  compilation: Compilation,
  sizes: Readonly<Record<string, number>>,
  options: CostOptions,
): CostReport {
  const found = costOfDecoding(compilation, sizes, options);
  if (found.kind === 'report') return found.report;
  throw new UserError(
    `${compilation.model.name} cannot be decoded token by token: the attention at ${found.path} lets a token see later ones.`,
  );
}
