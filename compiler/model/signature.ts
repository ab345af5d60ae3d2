// Declared shapes against tensors: binds the size names of a layer's inputs, checks the rest, and labels the axes, both
// inside (by the layer's own names) and for the caller (by the caller's).
import type { Axis as DeclaredAxis, Input, Layer, Shape } from '../ast/ast.ts';
import type { Span } from '../source.ts';
import type { Env } from './context.ts';
import { mistake } from './mistake.ts';
import { declare, findLocal } from './scope.ts';
import { mayEqual, sizeOf } from './sizes.ts';
import { textAt } from './span-text.ts';
import { type Axis, axisText, type BoundValue, shapeText, type Tensor } from './value.ts';
import { wholeSize } from './whole-size.ts';

/** What the inputs of one application were bound to. */
export interface Signature {
  /** The caller's axes of each size name, and of `..`. */
  readonly dims: ReadonlyMap<string, Axis>;
  readonly rest: readonly Axis[];
  /** The inputs as the layer sees them. */
  readonly inputs: readonly Tensor[];
}

/** The label of a declared axis: given, or the text of its size. */
export function labelOf({ label, size }: DeclaredAxis): string {
  if (label) return label.text;
  return size.kind === 'name' ? size.text : textAt(size.span);
}

/** The name that an axis binds, if its size is a plain name that is not a parameter or a setting. */
function bindingName(env: Env, layer: Layer, axis: DeclaredAxis): string | undefined {
  if (axis.size.kind !== 'name') return undefined;
  const { text } = axis.size;
  const isParam = layer.params.some((param) => param.name.text === text);
  return isParam || env.run.settings.has(text) ? undefined : text;
}

/** Binds the plain names of the declared shapes to the tensors' sizes, and declares them in the scope. */
export function bindInputs(
  env: Env,
  layer: Layer,
  tensors: readonly Tensor[],
  use: Span,
): Signature | undefined {
  const dims = new Map<string, Axis>();
  let rest: readonly Axis[] | undefined;
  for (const [i, { name, shape }] of layer.inputs.entries()) {
    const tensor = tensors[i]!;
    if (!checkRank(env, layer, layer.inputs[i]!, tensor, use)) return undefined;
    const leading = tensor.axes.slice(0, tensor.axes.length - shape.axes.length);
    if (shape.rest && rest && !sameAxes(env, rest, leading)) {
      mistake(
        env,
        'BF3003',
        `the inputs of \`${layer.name.text}\` differ in their leading axes: \`${name.text}\` is ${shapeText(tensor)}`,
        use,
      );
      return undefined;
    }
    if (shape.rest) rest ??= leading;
    for (const [at, declared] of shape.axes.entries()) {
      const bound = bindingName(env, layer, declared);
      if (bound === undefined) continue;
      const axis = tensor.axes[leading.length + at]!;
      const known = dims.get(bound);
      if (!known) {
        dims.set(bound, axis);
        declare(env, bound, sizeOf(axis.size), declared.size.span, axis.origin);
      } else if (!mayEqual(env, known.size, axis.size)) {
        mistake(
          env,
          'BF3003',
          `\`${bound}\` of \`${layer.name.text}\` has two sizes: ${known.size.text}, and ${axis.size.text} in \`${name.text}\``,
          use,
          {
            related: [{ span: declared.span, message: 'declared here' }],
          },
        );
        return undefined;
      }
    }
  }
  const inputs = layer.inputs.map(({ shape }, i) => inside(tensors[i]!, shape));
  return { dims, rest: rest ?? [], inputs };
}

const sameAxes = (env: Env, a: readonly Axis[], b: readonly Axis[]): boolean =>
  a.length === b.length && a.every((axis, i) => mayEqual(env, axis.size, b[i]!.size));

function checkRank(
  env: Env,
  layer: Layer,
  { name, shape }: Input,
  tensor: Tensor,
  use: Span,
): boolean {
  const related = [{ span: shape.span, message: 'declared here' }];
  const who = `\`${layer.name.text}\` takes \`${name.text}\` as ${textAt(shape.span)}`;
  if (tensor.dtype !== shape.dtype) {
    mistake(env, 'BF3005', `${who}, not ${shapeText(tensor)}`, use, { related });
    return false;
  }
  const extra = tensor.axes.length - shape.axes.length;
  if (extra === 0 || (extra > 0 && shape.rest)) return true;
  mistake(env, 'BF3004', `${who}, not ${shapeText(tensor)}`, use, { related });
  return false;
}

/** The tensor with the labels that the layer's own text gives its axes. */
function inside(tensor: Tensor, shape: Shape): Tensor {
  const offset = tensor.axes.length - shape.axes.length;
  const axes = tensor.axes.map((axis, i): Axis => {
    const declared = shape.axes[i - offset];
    return { ...axis, label: declared ? labelOf(declared) : `..${i}` };
  });
  return { ...tensor, axes };
}

/** Checks the declared sizes that are no plain names: parameters, numbers, expressions. */
export function checkSizes(env: Env, layer: Layer, tensors: readonly Tensor[], use: Span): boolean {
  let isFine = true;
  for (const [i, { name, shape }] of layer.inputs.entries()) {
    const { axes } = tensors[i]!;
    for (const [at, declared] of shape.axes.entries()) {
      if (bindingName(env, layer, declared) !== undefined) continue;
      const size = wholeSize(
        env,
        env.run.evaluate(env, declared.size),
        declared.size.span,
        'a size',
      );
      const axis = axes[axes.length - shape.axes.length + at]!;
      if (size && mayEqual(env, size, axis.size)) continue;
      isFine = false;
      if (!size) continue;
      mistake(
        env,
        'BF3003',
        `\`${name.text}\` of \`${layer.name.text}\` is ${shapeText(tensors[i]!)}, but ${labelOf(declared)} is ${size.text}`,
        use,
        {
          related: [
            { span: declared.span, message: `${labelOf(declared)} is ${size.text} here` },
            { span: axis.origin, message: `${axisText(axis)} comes from here` },
          ],
        },
      );
    }
  }
  return isFine;
}

/**
 * Checks a body's result against the declared output and labels it for the caller: sizes bound by an input keep the
 * caller's labels, others take the text of the argument that set them, if that is a plain name, else the layer's name.
 */
export function returned(
  env: Env,
  layer: Layer,
  result: Tensor,
  { dims, rest }: Signature,
  args: ReadonlyMap<string, BoundValue>,
): Tensor | undefined {
  const { output } = layer;
  const promised = [
    ...(output.rest ? rest : []),
    ...output.axes.map((declared) => declaredAxis(env, declared, dims, args)),
  ];
  if (promised.some((axis) => !axis)) return undefined;
  const axes = promised.filter((axis) => axis !== undefined);
  const fits =
    result.dtype === output.dtype &&
    result.axes.length === axes.length &&
    result.axes.every((axis, i) => mayEqual(env, axis.size, axes[i]!.size));
  if (fits) return { ...result, axes };
  reportBroken(env, layer, result, axes);
  return undefined;
}

function reportBroken(env: Env, layer: Layer, result: Tensor, promised: readonly Axis[]): void {
  const { name, output, body } = layer;
  const isType = result.dtype !== output.dtype;
  const dtype = isType && result.dtype === 'f32' ? 'f32' : '';
  const broken =
    result.axes.length === promised.length
      ? result.axes.findLast((axis, i) => axis.size.text !== promised[i]!.size.text)
      : undefined;
  mistake(
    env,
    isType ? 'BF3005' : 'BF3006',
    `\`${name.text}\` promises ${textAt(output.span)}${sizesText(output, promised)}, but its result is ${dtype}${shapeText(result)}`,
    body.result.span,
    {
      related: [
        { span: output.span, message: 'promised here' },
        ...(broken
          ? [{ span: broken.origin, message: `${axisText(broken)} comes from here` }]
          : []),
      ],
    },
  );
}

/** ` (d = 64)`: the sizes behind the names of a declared shape. */
function sizesText(output: Shape, axes: readonly Axis[]): string {
  const last = axes.slice(axes.length - output.axes.length);
  const texts = output.axes.flatMap((declared, i) =>
    labelOf(declared).replaceAll(' ', '') === last[i]!.size.text.replaceAll(' ', '')
      ? []
      : [`${labelOf(declared)} = ${last[i]!.size.text}`],
  );
  return texts.length > 0 ? ` (${texts.join(', ')})` : '';
}

function declaredAxis(
  env: Env,
  declared: DeclaredAxis,
  dims: ReadonlyMap<string, Axis>,
  args: ReadonlyMap<string, BoundValue>,
): Axis | undefined {
  const { size } = declared;
  const value = wholeSize(env, env.run.evaluate(env, size), size.span, 'a size');
  if (!value) return undefined;
  const axis = { label: labelOf(declared), size: value, origin: declared.span };
  if (size.kind !== 'name' || declared.label) return axis;
  const bound = dims.get(size.text);
  if (bound) return bound;
  const arg = args.get(size.text);
  const isParam = arg && findLocal(env.scope, size.text);
  return isParam ? { ...axis, label: arg.label ?? axis.label, origin: arg.span } : axis;
}
