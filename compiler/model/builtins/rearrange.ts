// `rearrange(x, "b t (h k) -> b h t k", h: heads)`: splits axes, permutes them, merges them.
import { type Dim, div, isWhole, product, symbol } from '../../shapes/dim.ts';
import { checkAxes } from '../check-axes.ts';
import { reshape, transpose } from '../emit.ts';
import { didYouMean, mistake } from '../mistake.ts';
import { mayEqual, rationalOf } from '../sizes.ts';
import { type Axis, axisText, POISON, shapeText, type Tensor, type Value } from '../value.ts';
import { wholeSize } from '../whole-size.ts';
import { type FunctionCall, type FunctionTable, tensorOperand } from './function.ts';
import { type Group, parsePattern, type Side } from './pattern.ts';

const EXAMPLE = '`"b t (h k) -> b h t k"`';

function rearrange(call: FunctionCall): Value {
  const { env, span } = call;
  const x = tensorOperand(call, 0);
  const pattern = parsePattern(env, call.operands[1]!, EXAMPLE);
  if (!x || !pattern) return POISON;
  const [left, ...more] = pattern.inputs;
  const at = call.operands[1]!.span;
  if (!left || more.length > 0) return mistake(env, 'BF2035', '`rearrange` has one operand', at);
  if (!checkNames(call, left, pattern.output)) return POISON;
  const rest = x.axes.length - left.groups.length;
  if (rest < 0 || (rest > 0 && !left.rest)) {
    return mistake(
      env,
      'BF3004',
      `the pattern begins with ${left.groups.length} axes, but the tensor is ${shapeText(x)}`,
      call.operands[0]!.span,
    );
  }
  const leading = x.axes.slice(0, rest);
  const parts: Axis[] = [];
  for (const [i, group] of left.groups.entries()) {
    const split = splitAxis(call, group, x.axes[rest + i]!);
    if (!split) return POISON;
    parts.push(...split);
  }
  if (!checkAxes(env, [...leading, ...parts], span)) return POISON;
  const order = pattern.output.groups
    .flat()
    .map((name) => rest + parts.findIndex((axis) => axis.label === name));
  const perm = [...leading.map((_, i) => i), ...order];
  const moved = transpose(env, reshape(env, x, [...leading, ...parts], span), perm, span);
  return merged(call, moved, leading, parts, pattern.output.groups);
}

/** Both sides must hold the same names, each once, and `..` or not; named sizes must be among them. */
function checkNames({ env, operands, named }: FunctionCall, left: Side, right: Side): boolean {
  const at = operands[1]!.span;
  const [before, after] = [left.groups.flat(), right.groups.flat()];
  const lost = before.find((name) => !after.includes(name));
  const made = after.find((name) => !before.includes(name));
  const twice = [before, after].some((names) => new Set(names).size < names.length);
  if (lost !== undefined)
    mistake(env, 'BF2035', `\`${lost}\` is lost after \`->\``, at, {
      hint: '`sum` and `mean` remove axes',
    });
  else if (made !== undefined) mistake(env, 'BF2035', `\`${made}\` is only after \`->\``, at);
  else if (twice) mistake(env, 'BF2035', 'a name stands twice on one side', at);
  else if (left.rest !== right.rest) mistake(env, 'BF2035', '`..` must stand on both sides', at);
  else {
    const stray = [...named.keys()].find((name) => !before.includes(name));
    if (stray === undefined) return true;
    mistake(env, 'BF2020', `the pattern has no \`${stray}\``, named.get(stray)!.span, {
      hint: didYouMean(stray, before),
    });
  }
  return false;
}

/** The axes that one axis becomes. At most one size is not given; it is what remains. */
function splitAxis(
  { env, operands, named }: FunctionCall,
  group: Group,
  axis: Axis,
): Axis[] | undefined {
  const sizes = new Map<string, Dim>();
  for (const name of group) {
    const given = named.get(name);
    if (!given) continue;
    const size = wholeSize(env, given.value, given.span, `\`${name}\``);
    if (!size) return undefined;
    sizes.set(name, size);
  }
  const at = operands[0]!.span;
  const open = group.filter((name) => !sizes.has(name));
  if (open.length > 1) {
    mistake(
      env,
      'BF2035',
      `the sizes of ${open.map((name) => `\`${name}\``).join(' and ')} are not known`,
      operands[1]!.span,
      {
        hint: `give one of them: \`${open[0]}: ...\``,
      },
    );
    return undefined;
  }
  const given = product([...sizes.values()]);
  const shown = `\`${axis.label.startsWith('..') ? axis.size.text : axisText(axis)}\``;
  const into = group.map((name) => sizes.get(name)?.text ?? name).join(' * ');
  const related = [{ span: axis.origin, message: `${axisText(axis)} comes from here` }];
  if (open.length === 0) {
    if (!mayEqual(env, given, axis.size)) {
      mistake(env, 'BF3007', `axis ${shown} is not ${into}`, at, { related });
      return undefined;
    }
  } else {
    const remaining = remainder(env.run.isGeneric, axis.size, given);
    if (!remaining) {
      mistake(env, 'BF3007', `axis ${shown} does not split into ${into}`, at, { related });
      return undefined;
    }
    sizes.set(open[0]!, remaining);
  }
  return group.map((name) => ({
    label: name,
    size: sizes.get(name)!,
    origin: named.get(name)?.span ?? axis.origin,
  }));
}

/** `whole / part` if that is a whole number, or may be one in a generic check. */
function remainder(isGeneric: boolean, whole: Dim, part: Dim): Dim | undefined {
  const quotient = div(whole, part);
  if (!quotient) return isGeneric ? symbol(`(${whole.text})/(${part.text})`) : undefined;
  const mayBeWhole = isWhole(quotient) || (isGeneric && !rationalOf(quotient));
  return mayBeWhole ? quotient : undefined;
}

function merged(
  { env, span }: FunctionCall,
  x: Tensor,
  leading: readonly Axis[],
  parts: readonly Axis[],
  groups: readonly Group[],
): Value {
  const axes = groups.map((group): Axis => {
    const members = group.map((name) => parts.find((axis) => axis.label === name)!);
    const [first] = members;
    if (members.length === 1) return first!;
    return {
      label: `(${group.join(' ')})`,
      size: product(members.map((axis) => axis.size)),
      origin: first!.origin,
    };
  });
  const all = [...leading, ...axes];
  return checkAxes(env, all, span) ? reshape(env, x, all, span) : POISON;
}

export const REARRANGE: FunctionTable = {
  rearrange: {
    usage: 'rearrange(x, "b t (h k) -> b h t k", h: heads)',
    operands: [2, 2],
    takesSizes: true,
    evaluate: rearrange,
  },
};
