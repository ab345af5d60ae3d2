// `weight w: [d, out] = normal(std: 0.02)`: the shape must be known, the initialiser is a call of one of a few, and
// `tied("path")` reads a weight declared elsewhere.
import type { Argument, Expr, Weight } from '../ast/ast.ts';
import type { Initializer } from '../graph/graph.ts';
import { asBigInt, constant, type Dim } from '../shapes/dim.ts';
import { checkAxes } from './check-axes.ts';
import { type Env, joinPath, turnsOf, uniqueName, type WeightRecord } from './context.ts';
import { append } from './emit.ts';
import { ExpansionStopped, LIMITS } from './limits.ts';
import { didYouMean, mistake, quoted } from './mistake.ts';
import { labelOf } from './signature.ts';
import { floatOf, mayEqual } from './sizes.ts';
import { type Axis, isNumeric, POISON, shapeText, type Tensor, type Value } from './value.ts';
import { wholeSize } from './whole-size.ts';

/** Declares a weight of the frame's instance and gives it as a tensor. */
export function declareWeight(env: Env, weight: Weight): Value {
  const axes = weightAxes(env, weight);
  if (!axes) return POISON;
  if (isCallOf(weight.init, 'tied')) return tiedWeight(env, weight, axes);
  const init = initializerOf(env, weight.init);
  if (!init) return POISON;
  const { frame, run } = env;
  const name = joinPath(frame.path, uniqueName(frame.names, frame.prefix + weight.name.text));
  const { experts: routed } = frame;
  const shape = axes.map((axis) => axis.size);
  const record: WeightRecord = {
    name,
    shape: routed ? [constant(routed.experts), ...shape] : shape,
    init,
    repeats: frame.repeats,
    ...(routed && { routed }),
    span: weight.span,
    isEmbedding: false,
  };
  run.weights.set(name, record);
  countParameters(env, record);
  return readWeight(env, record, axes);
}

function readWeight(env: Env, record: WeightRecord, axes: readonly Axis[]): Tensor {
  const tensor = append(env, { kind: 'weight', name: record.name }, [], 'f32', axes, record.span);
  env.run.weightNodes.set(tensor.id, record);
  return tensor;
}

function weightAxes(env: Env, { shape, name }: Weight): Axis[] | undefined {
  if (shape.rest || shape.dtype !== 'f32') {
    const message = shape.rest
      ? `the shape of \`${name.text}\` must be written out`
      : `a weight is f32, not ${shape.dtype}`;
    mistake(env, shape.rest ? 'BF3011' : 'BF3005', message, shape.span);
    return undefined;
  }
  const axes: Axis[] = [];
  for (const declared of shape.axes) {
    const size = wholeSize(
      env,
      env.run.evaluate(env, declared.size),
      declared.size.span,
      `a size of \`${name.text}\``,
    );
    if (!size) return undefined;
    if (!env.run.isGeneric && asBigInt(size) === undefined) {
      mistake(
        env,
        'BF3011',
        `\`${name.text}\` would change its shape with ${size.text}, a size of run time`,
        declared.size.span,
      );
      return undefined;
    }
    axes.push({ label: labelOf(declared), size, origin: declared.span });
  }
  return checkAxes(env, axes, shape.span) ? axes : undefined;
}

function countParameters(env: Env, { shape, span }: WeightRecord): void {
  let count = BigInt(turnsOf(env.frame));
  for (const size of shape) count *= asBigInt(size) ?? 1n;
  env.run.totals.parameters += count;
  if (env.run.totals.parameters <= LIMITS.parameters) return;
  mistake(env, 'BF2044', 'the model has more than 2^44 parameters', span);
  throw new ExpansionStopped();
}

const isCallOf = (expr: Expr, name: string): expr is Extract<Expr, { kind: 'call' }> =>
  expr.kind === 'call' && expr.callee.kind === 'name' && expr.callee.text === name;

function tiedWeight(env: Env, { name: { text }, init }: Weight, axes: readonly Axis[]): Value {
  const path = init.kind === 'call' ? init.args[0] : undefined;
  if (init.kind !== 'call' || init.args.length !== 1 || path?.value.kind !== 'string') {
    return mistake(env, 'BF2033', '`tied` takes the path of a weight', init.span, {
      hint: 'write `tied("embed.table")`',
    });
  }
  const target = env.run.weights.get(path.value.value);
  if (!target || target.repeats.length > 0) {
    const { value: name } = path.value;
    if (!env.run.isGeneric) return unknownWeight(env, name, path);
    return append(env, { kind: 'weight', name }, [], 'f32', axes, init.span);
  }
  const fits =
    target.shape.length === axes.length &&
    axes.every((axis, i) => mayEqual(env, axis.size, target.shape[i]!));
  if (fits) return readWeight(env, target, axes);
  const wanted = shapeText({ dtype: 'f32', axes });
  return mistake(
    env,
    'BF3003',
    `\`${text}\` is ${wanted}, but \`${target.name}\` is [${target.shape.map((s: Dim) => s.text).join(', ')}]`,
    init.span,
    {
      related: [{ span: target.span, message: `\`${target.name}\` is declared here` }],
    },
  );
}

function unknownWeight(env: Env, path: string, { value: { span } }: Argument): Value {
  const names = [...env.run.weights.keys()];
  const repeated = names.find((name) => name.includes('{') && matchesTemplate(name, path));
  const hint = repeated
    ? `\`${repeated}\` stands in a repeat, whose weights differ in each turn`
    : (didYouMean(path, names) ??
      (names.length > 0 ? `declared before are ${quoted(names)}` : undefined));
  return mistake(env, 'BF2034', `no weight \`${path}\` is declared before`, span, { hint });
}

function matchesTemplate(template: string, path: string): boolean {
  const [parts, given] = [template.split('.'), path.split('.')];
  return (
    parts.length === given.length &&
    parts.every((part, i) => part.startsWith('{') || part === given[i])
  );
}

const INITIALIZERS: Readonly<Record<string, readonly string[]>> = {
  normal: ['std'],
  uniform: ['low', 'high'],
  zeros: [],
  ones: [],
  constant: ['value'],
};

/** `normal(std: 0.02)`, `zeros`, ... as data. */
function initializerOf(env: Env, expr: Expr): Initializer | undefined {
  const callee = expr.kind === 'call' ? expr.callee : expr;
  const args = expr.kind === 'call' ? expr.args : [];
  const kind = callee.kind === 'name' ? callee.text : '';
  const names = Object.hasOwn(INITIALIZERS, kind) ? INITIALIZERS[kind] : undefined;
  if (!names) {
    mistake(env, 'BF2033', 'this is no initialiser', expr.span, {
      hint:
        didYouMean(kind, [...Object.keys(INITIALIZERS), 'tied']) ??
        'the initialisers are normal(std: x), uniform(low: x, high: y), zeros, ones, constant(x), tied("path")',
    });
    return undefined;
  }
  const values: number[] = [];
  for (const [i, name] of names.entries()) {
    const value = initializerArgument(env, expr, args, i, name, kind);
    if (value === undefined) return undefined;
    values.push(value);
  }
  const stray =
    args.length > names.length
      ? args[names.length]
      : args.find((arg) => arg.name && !names.includes(arg.name.text));
  if (stray) {
    mistake(
      env,
      'BF2033',
      `\`${kind}\` takes ${names.length === 0 ? 'no arguments' : names.map((n) => `\`${n}\``).join(' and ')}`,
      stray.span,
      {
        hint: stray.name && didYouMean(stray.name.text, names),
      },
    );
    return undefined;
  }
  return made(env, kind, values, expr);
}

function initializerArgument(
  env: Env,
  expr: Expr,
  args: readonly Argument[],
  i: number,
  name: string,
  kind: string,
): number | undefined {
  const byName = args.find((arg) => arg.name?.text === name);
  const arg = byName ?? (args[i]?.name ? undefined : args[i]);
  if (!arg) {
    const given = args.find((other) => other.name)?.name?.text;
    mistake(env, 'BF2033', `\`${kind}\` needs \`${name}\``, expr.span, {
      hint: given && didYouMean(given, [name]),
    });
    return undefined;
  }
  const value = env.run.evaluate(env, arg.value);
  if (value.kind === 'poison') return undefined;
  const known = isNumeric(value) ? floatOf(value) : undefined;
  if (known === undefined && isNumeric(value) && env.run.isGeneric) return 1;
  if (known !== undefined && Number.isFinite(Math.fround(known))) return known;
  mistake(env, 'BF2033', `\`${name}\` must be a number known when compiling`, arg.span);
  return undefined;
}

function made(
  env: Env,
  kind: string,
  values: readonly number[],
  expr: Expr,
): Initializer | undefined {
  const [a, b] = values as readonly [number, number];
  if (kind === 'normal') {
    if (a >= 0) return { kind, std: a };
    mistake(env, 'BF2033', `\`std\` is ${a}; it cannot be negative`, expr.span);
    return undefined;
  }
  if (kind === 'uniform') {
    if (a <= b || env.run.isGeneric) return { kind, low: a, high: b };
    mistake(env, 'BF2033', `\`low\` is ${a}, above \`high\`, ${b}`, expr.span);
    return undefined;
  }
  if (kind === 'constant') return { kind, value: a };
  return { kind: kind === 'zeros' ? 'zeros' : 'ones' };
}
