// Checks every declaration of the entry file, used or not. Models are elaborated with their defaults; layers and blocks
// generically: sizes and integers without a default are symbols, so that `d / heads * heads` is `d`, layers without a default
// are placeholders. Truth values and choices are tried out. What is not decidable that way is let pass.
import type { Block, Expr, Input, Item, Layer, Param } from '../ast/ast.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import type { Module, Program } from '../modules.ts';
import { constant, type Dim, symbol } from '../shapes/dim.ts';
import { FUNCTION_NAMES } from './builtins/names.ts';
import type { Env } from './context.ts';
import { elaborateModel } from './elaborate.ts';
import { mistake } from './mistake.ts';
import { startRun, topEnv, untilStopped, withoutRepetition } from './run.ts';
import { layerOf } from './scope.ts';
import { labelOf } from './signature.ts';
import type { Axis, BoundValue, Tensor, Value } from './value.ts';

/** Reports the mistakes of all layers, blocks and models of the entry file, each once. */
export function checkProgram(program: Program, report: Report): void {
  const once = withoutRepetition(report);
  for (const item of program.entry.ast.items) {
    checkNames(program, item, once);
    if (item.kind === 'model') checkModel(program, item, once);
    else {
      for (const choice of choicesOf(item.params)) checkGenerically(program, item, choice, once);
    }
  }
}

function checkModel(
  program: Program,
  item: Extract<Item, { kind: 'model' }>,
  report: Report,
): void {
  const isComplete = item.params.every((param) => param.default);
  const env = topEnv(startRun(program, !isComplete, report), program.entry, item.name.text, item);
  const args = new Map<string, BoundValue>();
  for (const param of item.params) {
    if (!param.default) args.set(param.name.text, { value: placeholder(param), span: param.span });
  }
  untilStopped(() => elaborateModel(env, item, args));
}

/** Names that the language itself has, and parameters and inputs of one name. */
function checkNames(program: Program, item: Item, report: Report): void {
  const env = topEnv(startRun(program, true, report), program.entry, item.name.text, item);
  if (FUNCTION_NAMES.includes(item.name.text)) {
    mistake(env, 'BF2010', `\`${item.name.text}\` is a function of the language`, item.name.span, {
      hint: 'give it another name',
    });
  }
  const seen = new Map<string, Input | Param>();
  const inputs = item.kind === 'block' ? [] : (item.inputs ?? []);
  for (const declared of [...item.params, ...inputs]) {
    const first = seen.get(declared.name.text);
    if (!first) seen.set(declared.name.text, declared);
    else {
      mistake(env, 'BF2010', `\`${declared.name.text}\` is declared twice`, declared.name.span, {
        related: [{ span: first.name.span, message: 'first declared here' }],
      });
    }
  }
}

type Choice = ReadonlyMap<string, Value>;

/** Most combinations of truth values and choices that are tried; beyond, one is changed at a time. */
const COMBINATIONS = 8;

function choicesOf(params: readonly Param[]): Choice[] {
  const options = params.flatMap((param) => {
    const values = optionsOf(param);
    return values.length > 0 ? [{ name: param.name.text, values }] : [];
  });
  const all = options.reduce((product, { values }) => product * values.length, 1);
  if (all <= COMBINATIONS) {
    return options.reduce<Choice[]>(
      (choices, { name, values }) =>
        choices.flatMap((choice) => values.map((value) => new Map([...choice, [name, value]]))),
      [new Map()],
    );
  }
  const first = new Map(options.map(({ name, values }) => [name, values[0]!]));
  const changed = options.flatMap(({ name, values }) =>
    values.slice(1).map((value) => new Map([...first, [name, value]])),
  );
  return [first, ...changed];
}

/** The values of a truth value or choice, the default first. */
function optionsOf({ type, default: given }: Param): Value[] {
  if (type.kind === 'enum') {
    const members = type.members.map((member) => member.text);
    const first = given?.kind === 'name' ? given.text : undefined;
    const ordered = [...members].sort((a, b) => Number(b === first) - Number(a === first));
    return ordered.map((name) => ({ kind: 'member', name, members }));
  }
  if (type.name !== 'bool') return [];
  const first = given?.kind === 'bool' ? given.value : false;
  return [first, !first].map((value) => ({ kind: 'bool', value }));
}

function checkGenerically(
  program: Program,
  item: Layer | Block,
  choice: Choice,
  report: Report,
): void {
  const run = startRun(program, true, report);
  for (const name of ['vocab', 'context']) {
    run.settings.set(name, { size: symbol(name), span: item.name.span });
  }
  const env = topEnv(run, program.entry, '', {});
  untilStopped(() => {
    const layer = layerOf(
      { ...env, scope: { ...env.scope, lineage: undefined } },
      definition(program.entry, item),
      item.name.span,
    );
    if (layer.kind !== 'layer') return;
    const args = new Map<string, BoundValue>();
    for (const param of item.params) {
      const value = choice.get(param.name.text) ?? (param.default ? undefined : placeholder(param));
      if (value) args.set(param.name.text, { value, span: param.span });
    }
    run.apply(env, { ...layer, args, isConfigured: true }, inputsOf(env, item), item.name.span);
  });
}

const definition = (module: Module, item: Layer | Block) => ({ item, module });

/** What stands for a parameter of which nothing is known but its type. */
function placeholder({ name, type }: Param): Value {
  if (type.kind === 'enum') {
    const members = type.members.map((member) => member.text);
    return { kind: 'member', name: members[0]!, members };
  }
  switch (type.name) {
    case 'dim':
    case 'int':
      return { kind: 'size', size: symbol(name.text) };
    case 'float':
      return { kind: 'number', value: undefined };
    case 'bool':
      return { kind: 'bool', value: undefined };
    case 'activation':
    case 'layer':
      return {
        kind: 'layer',
        source: { kind: 'placeholder', keepsShape: type.name === 'activation' },
        args: new Map(),
        isConfigured: true,
        name: name.text,
      };
    case 'layers':
      return { kind: 'layers', members: undefined };
  }
}

/** Tensors of the declared shapes, each size name a symbol. */
function inputsOf(env: Env, item: Layer | Block): Tensor[] {
  const { run } = env;
  if (item.kind === 'block') {
    const axes = ['b', 't', 'd'].map(
      (label): Axis => ({ label, size: symbol(label), origin: item.name.span }),
    );
    return [{ kind: 'tensor', id: run.nextId++, dtype: 'f32', axes }];
  }
  return item.inputs.map(({ shape }) => {
    const rest = shape.rest ? ['..0', '..1'] : [];
    const axes = [
      ...rest.map((label): Axis => ({ label, size: symbol(label), origin: shape.span })),
      ...shape.axes.map(
        (declared): Axis => ({
          label: labelOf(declared),
          size: declaredSize(declared.size, item.params),
          origin: declared.span,
        }),
      ),
    ];
    return { kind: 'tensor', id: run.nextId++, dtype: shape.dtype, axes };
  });
}

/** A size as declared: a name is a symbol; of what follows from others only the text is known. */
function declaredSize(expr: Expr, params: readonly Param[]): Dim {
  if (expr.kind === 'number' && expr.isInteger) return constant(expr.value);
  const isDerived = params.some(
    (param) => expr.kind === 'name' && param.name.text === expr.text && param.default,
  );
  if (expr.kind === 'name' && !isDerived) return symbol(expr.text);
  return symbol(`(${expr.span.file.text.slice(expr.span.start, expr.span.end)})`);
}
