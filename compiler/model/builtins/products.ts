// `einsum("b t d, d h -> b t h", x, w)`. Axes go by position in the pattern; its names become the result's labels.
import { origins } from '../align.ts';
import { checkAxes } from '../check-axes.ts';

import { mistake } from '../mistake.ts';
import { sumOfProducts } from '../product.ts';
import { mayEqual } from '../sizes.ts';
import { type Axis, POISON, shapeText, type Tensor, type Value } from '../value.ts';
import { type FunctionCall, type FunctionTable, f32Operand } from './function.ts';
import { parsePattern, type Side } from './pattern.ts';

const EXAMPLE = '`"b t d, d h -> b t h"`';

function einsum(call: FunctionCall): Value {
  const { env, span } = call;
  const pattern = parsePattern(env, call.operands[0]!, EXAMPLE);
  const tensors = call.operands.slice(1).map((_, i) => f32Operand(call, i + 1));
  if (!pattern || tensors.some((tensor) => !tensor)) return POISON;
  const { inputs, output } = pattern;
  const at = call.operands[0]!.span;
  if (inputs.length !== tensors.length) {
    return mistake(
      env,
      'BF2035',
      `the pattern has ${inputs.length} operands, the call ${tensors.length}`,
      at,
    );
  }
  if ([...inputs, output].some((side) => side.groups.some((group) => group.length > 1))) {
    return mistake(env, 'BF2035', 'brackets belong to `rearrange`, not to `einsum`', at);
  }
  const axes = new Map<string, Axis>();
  const operands = inputs.map((side, i) => {
    const tensor = tensors[i]!;
    const labels = labelsOf(call, side, tensor, i + 1);
    return labels && bindLabels(call, labels, tensor, axes, i + 1) ? { tensor, labels } : undefined;
  });
  if (operands.some((operand) => !operand)) return POISON;
  const rest = output.rest
    ? [...axes.keys()]
        .filter((label) => label.startsWith('..'))
        .sort()
        .reverse()
    : [];
  const out = [...rest, ...output.groups.map(([name]) => name!)];
  for (const label of out) {
    if (!axes.has(label))
      return mistake(env, 'BF2035', `\`${label}\` after \`->\` is in no operand`, at);
  }
  if (new Set(out).size < out.length)
    return mistake(env, 'BF2035', 'a name stands twice after `->`', at);
  if (
    !checkAxes(
      env,
      out.map((label) => axes.get(label)!),
      span,
    )
  )
    return POISON;
  const known = operands.filter((operand) => operand !== undefined);
  return sumOfProducts(env, known, out, (label) => axes.get(label)!, span);
}

/** A name for each axis of an operand; those under `..` are numbered from the last. */
function labelsOf(
  { env, operands }: FunctionCall,
  side: Side,
  tensor: Tensor,
  i: number,
): string[] | undefined {
  const names = side.groups.map(([name]) => name!);
  const rest = tensor.axes.length - names.length;
  if (rest < 0 || (rest > 0 && !side.rest)) {
    mistake(
      env,
      'BF3004',
      `the pattern gives operand ${i} ${names.length} axes, but it is ${shapeText(tensor)}`,
      operands[i]!.span,
    );
    return undefined;
  }
  if (new Set(names).size < names.length) {
    mistake(env, 'BF2035', 'a name stands twice in one operand of the pattern', operands[0]!.span);
    return undefined;
  }
  return [...Array.from({ length: rest }, (_, k) => `..${rest - 1 - k}`), ...names];
}

/** Notes the axis of each label; the same label must have the same size everywhere. */
function bindLabels(
  { env, operands }: FunctionCall,
  labels: readonly string[],
  tensor: Tensor,
  axes: Map<string, Axis>,
  i: number,
): boolean {
  for (const [at, label] of labels.entries()) {
    const axis = tensor.axes[at]!;
    const known = axes.get(label);
    if (!known) {
      axes.set(label, label.startsWith('..') ? axis : { ...axis, label });
    } else if (!mayEqual(env, known.size, axis.size)) {
      mistake(
        env,
        'BF3003',
        `\`${label}\` has two sizes in the pattern: ${known.size.text} and ${axis.size.text}`,
        operands[i]!.span,
        {
          related: origins(known, axis),
        },
      );
      return false;
    }
  }
  return true;
}

export const PRODUCTS: FunctionTable = {
  einsum: {
    usage: 'einsum("b t d, d h -> b t h", x, w)',
    operands: [2, 9],
    evaluate: einsum,
  },
};
