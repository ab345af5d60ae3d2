// Checks a layer, block or order without knowing how it is used: sizes and integers without a default are symbols, so that
// `d / heads * heads` is `d`; layers without a default are placeholders; truth values and choices are tried out. What is not
// decidable that way is let pass: a generic check reports no mistake that a use could turn out not to have.
import type { Block, Expr, Item, Layer, Order, Param } from '../ast/ast.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { unreachable } from '../invariant.ts';
import type { Program } from '../modules.ts';
import { constant, type Dim, symbol } from '../shapes/dim.ts';
import { expansionWork } from './budget.ts';
import type { Env, Run } from './context.ts';
import { runOrder } from './order.ts';
import { startRun, topEnv, untilStopped } from './run.ts';
import { layerOf } from './scope.ts';
import { labelOf } from './signature.ts';
import { textAt } from './span-text.ts';
import { type Axis, type BoundValue, type Tensor, UNKNOWN_STEP, type Value } from './value.ts';

/**
 * Checks the item with several choices of its truth values and enumerations. Gives the work it took, without end where a
 * limit of expansion was reached.
 */
export function checkGenerically(
  program: Program,
  item: Layer | Block | Order,
  report: Report,
): number {
  let work = 0;
  for (const choice of choicesOf(item.params)) {
    const run = startRun(program, true, report);
    if (!untilStopped(() => applyGenerically(run, program, item, choice))) {
      return Number.POSITIVE_INFINITY;
    }
    work += expansionWork(run);
  }
  return work;
}

/** The model's input that every layer sees. */
function tokensOf(run: Run, item: Item): Tensor {
  const origin = item.name.span;
  const axes = ['b', 't'].map((label): Axis => ({ label, size: symbol(label), origin }));
  return { kind: 'tensor', id: run.nextId++, dtype: 'i32', axes };
}

type Choice = ReadonlyMap<string, Value>;

/** Most combinations of truth values and choices that are tried; beyond, one is changed at a time, of so many. */
const COMBINATIONS = 8;
const CHANGES = 16;

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
  const changed = options
    .slice(0, CHANGES)
    .flatMap(({ name, values }) =>
      values.slice(1).map((value) => new Map([...first, [name, value]])),
    );
  return [first, ...changed.slice(0, CHANGES)];
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

function applyGenerically(
  run: Run,
  program: Program,
  item: Layer | Block | Order,
  choice: Choice,
): boolean {
  for (const name of ['vocab', 'context']) {
    run.settings.set(name, { size: symbol(name), span: item.name.span });
  }
  run.inputs.set('tokens', tokensOf(run, item));
  const args = new Map<string, BoundValue>();
  for (const param of item.params) {
    // The width of a block is that of what it is applied to, whatever its default.
    const isKnown = param.default && !(item.kind === 'block' && param.name.text === 'd');
    const value = choice.get(param.name.text) ?? (isKnown ? undefined : placeholder(param));
    if (value) args.set(param.name.text, { value, span: param.span });
  }
  const { span } = item.name;
  if (item.kind === 'order') {
    runOrder(topEnv(run, program.entry, item.name.text, item), item, args, span);
    return true;
  }
  const env = topEnv(run, program.entry, '');
  const layer = layerOf(env, { item, module: program.entry }, span);
  if (layer.kind !== 'layer') return true;
  run.apply(env, { ...layer, args, isConfigured: true }, inputsOf(env, item), span);
  return true;
}

/** What stands for a parameter of which nothing is known but its type. */
export function placeholder({ name, type }: Param): Value {
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
    case 'router':
      return {
        kind: 'layer',
        source: {
          kind: 'placeholder',
          keepsShape: type.name !== 'layer',
          isOpen: type.name === 'router',
        },
        args: new Map(),
        isConfigured: true,
        name: name.text,
      };
    case 'layers':
      return { kind: 'layers', steps: [UNKNOWN_STEP] };
    default:
      return unreachable(type.name, 'elaborate');
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
  return symbol(`(${textAt(expr.span)})`);
}
