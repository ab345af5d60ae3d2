// Parameters of layers, blocks and models: from arguments as written to values of the declared types.
// Arguments are evaluated where they are written, defaults where the layer is applied, when its sizes are known.
import type { Argument, Expr, Item, Layer, Param } from '../ast/ast.ts';
import { unreachable } from '../invariant.ts';
import type { Span } from '../source.ts';
import { countEvaluation } from './budget.ts';
import type { Env } from './context.ts';
import { didYouMean, mistake, quoted } from './mistake.ts';
import { declare, findLocal } from './scope.ts';
import { floatOf } from './sizes.ts';
import { textAt } from './span-text.ts';
import {
  type BoundValue,
  describe,
  isNumeric,
  type LayersValue,
  type LayerValue,
  layerName,
  type OrderStep,
  POISON,
  type Poison,
  type Value,
} from './value.ts';
import { wholeNumber, wholeSize } from './whole-size.ts';

/** An argument's value, of the parameter's type; `POISON` after a diagnostic at `span`. */
export function coerce(env: Env, param: Param, value: Value, span: Span): Value {
  if (value.kind === 'poison') return value;
  const { type, name } = param;
  const related = [{ span: param.span, message: `\`${name.text}\` is declared here` }];
  const wrong = (wanted: string, hint?: string): Value =>
    mistake(env, 'BF2023', `\`${name.text}\` takes ${wanted}, not ${describe(value)}`, span, {
      related,
      hint,
    });
  if (type.kind === 'enum') {
    const members = type.members.map((member) => member.text);
    if (value.kind !== 'member') return wrong(`one of ${quoted(members)}`);
    if (members.includes(value.name)) return { ...value, members };
    return notAMember(env, param, value.name, span);
  }
  switch (type.name) {
    case 'dim':
    case 'int': {
      const wanted = type.name === 'dim' ? 'a size' : 'a whole number';
      if (value.kind !== 'size') {
        const isFloat = value.kind === 'number';
        return wrong(wanted, isFloat ? 'a whole number has no point' : layerHint(value));
      }
      const what = `\`${name.text}\``;
      const size =
        type.name === 'dim'
          ? wholeSize(env, value, span, what)
          : wholeNumber(env, value, span, what);
      return size ? { kind: 'size', size } : POISON;
    }
    case 'float': {
      if (!isNumeric(value)) return wrong('a number', layerHint(value));
      const known = floatOf(value);
      if (known === undefined && !env.run.isGeneric) {
        return mistake(env, 'BF2028', `\`${name.text}\` depends on a size of run time`, span, {
          related,
        });
      }
      return { kind: 'number', value: known };
    }
    case 'bool':
      return value.kind === 'bool' ? value : wrong('true or false');
    case 'layers':
      return asLayers(env, value, span) ?? wrong('sub-layers', layersHint(value));
    case 'router':
      if (value.kind !== 'layer') return wrong('a router');
      return checkRouter(env, param, value, span);
    case 'layer':
    case 'activation':
      if (value.kind !== 'layer') return wrong(type.name === 'layer' ? 'a layer' : 'an activation');
      return checkLayer(env, param, value, span);
    default:
      return unreachable(type.name, 'elaborate');
  }
}

const layersHint = (value: Value): string | undefined =>
  value.kind === 'order'
    ? `call it: \`${value.item.name.text}(...)\``
    : 'a layer, an order, or a list of them: `[a, f, f]`';

/** Sub-layers: those of an order, a single layer, or a list of these. `undefined` for anything else. */
export function asLayers(env: Env, value: Value, span: Span): LayersValue | Poison | undefined {
  switch (value.kind) {
    case 'layers':
    case 'poison':
      return value;
    case 'layer':
      if (!isComplete(env, value, span)) return POISON;
      return { kind: 'layers', steps: [{ kind: 'one', layer: value, span }] };
    case 'list': {
      const steps: OrderStep[] = [];
      for (const item of value.items) {
        const inner = asLayers(env, item, span);
        if (inner?.kind !== 'layers') return inner;
        steps.push(...inner.steps);
      }
      return { kind: 'layers', steps };
    }
    default:
      return undefined;
  }
}

const layerHint = (value: Value): string | undefined =>
  value.kind === 'tensor'
    ? 'parameters come in a first call, tensors in a second: `linear(64)(x)`'
    : undefined;

/** A layer given as an argument must be complete; as an activation it must keep any shape. */
function checkLayer(env: Env, param: Param, layer: LayerValue, span: Span): Value {
  const name = layerName(layer);
  if (!isComplete(env, layer, span)) return POISON;
  const { source } = layer;
  if (param.type.kind === 'named' && param.type.name === 'activation' && source.kind === 'item') {
    const { item } = source;
    if (item.kind === 'block' || !keepsShape(item)) {
      return mistake(
        env,
        'BF2023',
        `\`${param.name.text}\` takes an activation: a layer of one input that keeps its shape; \`${name}\` is none`,
        span,
      );
    }
  }
  const givenAt = layer.givenAt ?? span;
  return layer.home ? { ...layer, givenAt } : { ...layer, givenAt, name: param.name.text };
}

/** What a router leaves open: the layer that it is given to supplies them. */
const SUPPLIED_TO_ROUTER: ReadonlyMap<string, string> = new Map([
  ['experts', 'int'],
  ['expert', 'layer'],
]);

/** A layer of one input that needs the parameters `experts: int` and `expert: layer`. */
export function isRouter({ source }: LayerValue): boolean {
  if (source.kind !== 'item' || source.item.kind !== 'layer') return false;
  const { params, inputs } = source.item;
  const open = params.filter(
    ({ name, type, default: given }) =>
      !given && type.kind === 'named' && SUPPLIED_TO_ROUTER.get(name.text) === type.name,
  );
  return inputs.length === 1 && open.length === SUPPLIED_TO_ROUTER.size;
}

function checkRouter(env: Env, param: Param, layer: LayerValue, span: Span): Value {
  const { name } = param;
  if (layer.source.kind === 'placeholder') return layer;
  if (!isRouter(layer)) {
    return mistake(
      env,
      'BF2023',
      `\`${name.text}\` takes a router: a layer of one input that needs \`experts: int\` and \`expert: layer\`; \`${layerName(layer)}\` is none`,
      span,
      { related: [{ span: param.span, message: `\`${name.text}\` is declared here` }] },
    );
  }
  const given = [...SUPPLIED_TO_ROUTER.keys()].find((supplied) => layer.args.has(supplied));
  if (given !== undefined) {
    return mistake(env, 'BF2022', `\`${given}\` of a router is supplied by \`${name.text}\``, span);
  }
  if (!isComplete(env, layer, span, SUPPLIED_TO_ROUTER)) return POISON;
  return { ...layer, name: name.text, isConfigured: false, isInline: true };
}

/** Reports the parameters that a layer still needs; `supplied` are those that come from elsewhere. */
export function isComplete(
  env: Env,
  layer: LayerValue,
  span: Span,
  supplied: { has(name: string): boolean } = new Set(),
): boolean {
  const missing = missingParams(layer).map((param) => param.name.text);
  const open = missing.filter((name) => !supplied.has(name));
  if (open.length === 0) return true;
  const name = layerName(layer);
  const needsExperts =
    isRouter(layer) && [...SUPPLIED_TO_ROUTER.keys()].every((key) => open.includes(key));
  if (needsExperts) {
    mistake(env, 'BF2037', `\`${name}\` is a router: it has no experts here`, span, {
      hint: `a router is given to the layer that has the experts: \`moe(ffn, experts: 8, route: ${name})\``,
    });
    return false;
  }
  mistake(env, 'BF2021', `\`${name}\` still needs ${quoted(open)}`, span, {
    hint: `write \`${name}(${open[0]}: ...)\``,
  });
  return false;
}

/** True if the layer has one input and promises the same shape. */
function keepsShape({ inputs, output }: Layer): boolean {
  const [input, ...more] = inputs;
  if (!input || more.length > 0) return false;
  const { shape } = input;
  return (
    shape.dtype === output.dtype &&
    shape.rest === output.rest &&
    shape.axes.length === output.axes.length &&
    shape.axes.every(({ size }, i) => textAt(size.span) === textAt(output.axes[i]!.size.span))
  );
}

/** The parameters without default that a layer was not given. */
export function missingParams({ source, args }: LayerValue): readonly Param[] {
  if (source.kind !== 'item') return [];
  return source.item.params.filter((param) => !param.default && !args.has(param.name.text));
}

function notAMember(env: Env, param: Param, name: string, span: Span): Value {
  const members = param.type.kind === 'enum' ? param.type.members.map((member) => member.text) : [];
  return mistake(
    env,
    'BF2024',
    `\`${name}\` is none of the choices for \`${param.name.text}\``,
    span,
    {
      hint: didYouMean(name, members) ?? `the choices are ${quoted(members)}`,
      related: [{ span: param.span, message: 'declared here' }],
    },
  );
}

/** The value of an argument for a parameter: where that is an enumeration, a bare name is a member of it. */
export function evaluateArgument(env: Env, param: Param | undefined, expr: Expr): Value {
  if (param?.type.kind === 'enum' && expr.kind === 'name') {
    const members = param.type.members.map((member) => member.text);
    const local = findLocal(env.scope, expr.text)?.value;
    const isMember = local?.kind !== 'member' && (members.includes(expr.text) || !local);
    if (isMember) return { kind: 'member', name: expr.text, members };
  }
  const isLayers = param?.type.kind === 'named' && param.type.name === 'layers';
  return isLayers ? env.run.evaluateLayer(env, expr) : env.run.evaluate(env, expr);
}

/** Which parameter each argument is for: in order, then by name. Names that are none have none. */
export function matchArguments(
  item: Item,
  args: readonly Argument[],
): readonly (Param | undefined)[] {
  let next = 0;
  return args.map((arg) => {
    if (!arg.name) return item.params[next++];
    return item.params.find((param) => param.name.text === arg.name!.text);
  });
}

/** Binds arguments to parameters; reported and `undefined` if one does not belong. */
export function bindArguments(
  env: Env,
  item: Item,
  before: ReadonlyMap<string, BoundValue>,
  args: readonly {
    readonly argument: Argument;
    readonly param: Param | undefined;
    readonly value: Value;
  }[],
): Map<string, BoundValue> | undefined {
  const bound = new Map(before);
  let isFine = true;
  for (const { argument, param, value } of args) {
    if (!param) {
      reportStray(env, item, argument);
      isFine = false;
      continue;
    }
    const name = param.name.text;
    if (bound.has(name)) {
      mistake(env, 'BF2022', `\`${name}\` is given twice`, argument.span, {
        related: [{ span: bound.get(name)!.span, message: 'given here before' }],
      });
      isFine = false;
      continue;
    }
    const { value: expr } = argument;
    const coerced = coerce(env, param, value, expr.span);
    bound.set(name, {
      value: coerced,
      span: expr.span,
      ...(expr.kind === 'name' && { label: expr.text }),
    });
    if (coerced.kind === 'poison') isFine = false;
  }
  return isFine ? bound : undefined;
}

function reportStray(env: Env, item: Item, { name, span }: Argument): void {
  const names = item.params.map((param) => param.name.text);
  const related = [{ span: item.name.span, message: 'declared here' }];
  const list = names.length > 0 ? `its parameters are ${quoted(names)}` : 'it has no parameters';
  if (name) {
    mistake(env, 'BF2020', `\`${item.name.text}\` has no parameter \`${name.text}\``, name.span, {
      hint: didYouMean(name.text, names) ?? list,
      related,
    });
  } else {
    mistake(env, 'BF2022', `too many arguments for \`${item.name.text}\``, span, {
      hint: list,
      related,
    });
  }
}

/** Gives every parameter its value in the scope: its argument, else its default. False after a diagnostic. */
export function declareParams(
  env: Env,
  item: Item,
  args: ReadonlyMap<string, BoundValue>,
  use: Span,
): boolean {
  let isFine = true;
  const isGiven = (param: Param): boolean => args.has(param.name.text);
  // A default may use every parameter that was given, and the defaults before it.
  const order = [...item.params].sort((a, b) => Number(isGiven(b)) - Number(isGiven(a)));
  for (const param of order) {
    countEvaluation(env, use);
    const given = args.get(param.name.text);
    let value: Value = POISON;
    if (given) value = given.value;
    else if (param.default) {
      value = coerce(env, param, evaluateArgument(env, param, param.default), use);
    } else {
      mistake(env, 'BF2021', `\`${item.name.text}\` needs \`${param.name.text}\``, use, {
        related: [{ span: param.span, message: 'declared here' }],
      });
    }
    if (value.kind === 'poison') isFine = false;
    declare(env, param.name.text, value, param.name.span);
  }
  return isFine;
}
