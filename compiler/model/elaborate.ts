// Program -> Model: one model of the entry file with its parameters bound, everything it applies checked and expanded
// (repeats stay structure). Reports mistakes; gives a model only if there were none.
import type { Model as ModelItem } from '../ast/ast.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { WeightSpec } from '../graph/graph.ts';
import type { Module, Program } from '../modules.ts';
import { asNumber } from '../shapes/dim.ts';
import { checkChoices } from './check-choices.ts';
import { checkConstraints } from './constraints.ts';
import { type Env, innerScope, type WeightRecord } from './context.ts';
import { typeOf } from './emit.ts';
import { checkLabels } from './labels.ts';
import { declareLets } from './lets.ts';
import { didYouMean, quoted } from './mistake.ts';
import type { Model } from './model.ts';
import { modelArguments } from './model-arguments.ts';
import { declareParams } from './parameters.ts';
import { declareInputs, readSettings, runPipeline, symbolsOf } from './pipeline.ts';
import { readBudget } from './read-budget.ts';
import { startRun, topEnv, untilStopped, withoutRepetition } from './run.ts';
import type { BoundValue } from './value.ts';

/** Which model of a file, with which arguments. */
export interface ElaborateOptions {
  /** Which model of the file; may be left out where there is one. */
  readonly model?: string;
  /** Values for the model's parameters; numbers may come as text, as from a command line. */
  readonly args?: Readonly<Record<string, string | number>>;
}

/** The model, or `undefined` after at least one reported error. */
export function elaborate(
  program: Program,
  options: ElaborateOptions,
  report: Report,
): Model | undefined {
  let errors = 0;
  const counting = withoutRepetition((diagnostic) => {
    if (diagnostic.severity === 'error') errors++;
    report(diagnostic);
  });
  const item = chooseModel(program.entry, options.model, counting);
  if (!item) return undefined;
  const env = topEnv(startRun(program, false, counting), program.entry, item.name.text, item);
  const model = untilStopped(() => {
    const args = modelArguments(env, item, options.args ?? {});
    return args && elaborateModel(env, item, args);
  });
  return errors === 0 ? model : undefined;
}

function chooseModel(
  entry: Module,
  name: string | undefined,
  report: Report,
): ModelItem | undefined {
  const models = entry.ast.items.filter((item): item is ModelItem => item.kind === 'model');
  const names = models.map((model) => model.name.text);
  const chosen = name === undefined ? models : models.filter((model) => model.name.text === name);
  if (chosen.length === 1) return chosen[0];
  const span = chosen[1]?.name.span ?? { file: entry.file, start: 0, end: 0 };
  const list = quoted(names);
  if (chosen.length > 1) {
    report({
      code: 'BF2013',
      severity: 'error',
      message: `the file has ${chosen.length} models: ${list}`,
      span,
      related: [{ span: chosen[0]!.name.span, message: 'the first of them' }],
      hint: `say which one: \`${entry.file.path}:${names[0]}\``,
    });
    return undefined;
  }
  if (entry.isBroken) return undefined;
  const near =
    name === undefined
      ? undefined
      : (didYouMean(name, names) ?? (names.length > 0 ? `it has ${list}` : undefined));
  report({
    code: 'BF2012',
    severity: 'error',
    message: name === undefined ? 'the file has no model' : `the file has no model \`${name}\``,
    span,
    related: [],
    ...(near !== undefined && { hint: near }),
  });
  return undefined;
}

/** Elaborates a model at the top `env`, with arguments for its parameters. */
export function elaborateModel(
  env: Env,
  item: ModelItem,
  args: ReadonlyMap<string, BoundValue>,
): Model | undefined {
  const { run } = env;
  if (!declareParams(env, item, args, item.name.span)) return undefined;
  readSettings(env, item);
  const inputs = declareInputs(env, item);
  if (!checkConstraints(env, item, args, item.name.span)) return undefined;
  const inside: Env = { ...env, scope: innerScope(env.scope) };
  declareLets(inside, item.lets);
  checkLabels(inside, item);
  const result = runPipeline(
    inside,
    item.pipeline,
    inputs?.map(({ tensor }) => tensor),
  );
  const symbols = inputs && symbolsOf(env, inputs);
  const budget = readBudget(env, item, symbols);
  if (!symbols || !result || run.isGeneric) return undefined;
  checkChoices(run);
  const settings = ['vocab', 'context'].flatMap((name) => {
    const setting = run.settings.get(name);
    return setting ? [[name, asNumber(setting.size)]] : [];
  });
  return {
    name: item.name.text,
    span: item.name.span,
    ...(item.doc !== undefined && { doc: item.doc }),
    settings: Object.fromEntries(settings),
    budget,
    symbols,
    inputs: inputs.map(({ input }) => input),
    outputs: [
      {
        name: item.outputName?.text ?? 'logits',
        kind: 'result',
        id: result.id,
        type: typeOf(result),
      },
      ...env.frame.auxiliary,
    ],
    weights: [...run.weights.values()].map(weightSpec),
    body: { steps: env.frame.steps, result: result.id },
    nextId: run.nextId,
    expanded: { layers: run.totals.layers, operations: run.totals.operations },
  };
}

function weightSpec(record: WeightRecord): WeightSpec {
  const { name, shape, init, repeats, span, isEmbedding, routed } = record;
  return {
    name,
    dtype: 'f32',
    shape: shape.map((size) => asNumber(size)!),
    init,
    repeats,
    embedding: isEmbedding,
    ...(routed && { routed }),
    span,
  };
}
