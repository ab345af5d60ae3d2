// `attend(q, k, v, scale:, mask:, score:)`. The layers given as mask and score are elaborated into the operation's
// regions, over single numbers; weights that they own are read outside.
import { maskInterval } from '../../ops/mask-interval.ts';
import type { Node, Op, Region } from '../../ops/op.ts';
import { MASK_PARAMS, SCORE_PARAMS } from '../../ops/region-types.ts';
import { asNumber, atomsOf, div, isWhole, ONE, sub } from '../../shapes/dim.ts';
import type { Span } from '../../source.ts';
import { origins } from '../align.ts';
import type { Frame } from '../context.ts';
import { emit } from '../emit.ts';
import { mistake } from '../mistake.ts';
import type { Step } from '../model.ts';
import { floatOf, mayEqual, rationalOf } from '../sizes.ts';
import {
  axisText,
  describe,
  isNumeric,
  type LayerValue,
  layerName,
  POISON,
  shapeText,
  type Tensor,
  type Value,
} from '../value.ts';
import { type FunctionCall, type FunctionTable, f32Operand, seesAllRows } from './function.ts';

function attend(call: FunctionCall): Value {
  const { env, span } = call;
  const [q, k, v] = [0, 1, 2].map((i) => f32Operand(call, i));
  if (!q || !k || !v || !seesAllRows(call) || !checkOperands(call, q, k, v)) return POISON;
  const scale = scaleOf(call, q);
  const mask = regionOf(call, 'mask');
  const score = regionOf(call, 'score');
  if (scale === undefined || mask === 'mistake' || score === 'mistake') return POISON;
  if (mask !== 'none' && isCausal(mask)) {
    for (const symbol of atomsOf(q.axes[2]!.size)) env.run.causal.add(symbol);
  }
  const op = {
    kind: 'attend',
    scale,
    ...(score !== 'none' && !isIdentity(score) && { score }),
    ...(mask !== 'none' && !isAlwaysTrue(mask) && { mask }),
  } as const;
  return emit(env, op, [q, k, v], 'f32', [...q.axes.slice(0, 3), v.axes[3]!], span);
}

/** True if no query sees a later key. */
const isCausal = (mask: Region): boolean =>
  maskInterval(mask).hi.some(
    ({ slope, offset }) => slope === 1 && (asNumber(sub(ONE, offset)) ?? -1) >= 0,
  );

const ROLES = ['queries', 'keys', 'values'] as const;

function checkOperands(call: FunctionCall, q: Tensor, k: Tensor, v: Tensor): boolean {
  const { env, span } = call;
  for (const [i, tensor] of [q, k, v].entries()) {
    if (tensor.axes.length === 4) continue;
    mistake(
      env,
      'BF3004',
      `the ${ROLES[i]} of \`attend\` have four axes; this is ${shapeText(tensor)}`,
      call.operands[i]!.span,
      {
        hint: 'queries are [b, h, t, k], keys [b, g, s, k], values [b, g, s, n]',
      },
    );
    return false;
  }
  const pairs = [
    [q, k, 0, 'queries and keys'],
    [q, k, 3, 'queries and keys'],
    [k, v, 0, 'keys and values'],
    [k, v, 1, 'keys and values'],
    [k, v, 2, 'keys and values'],
  ] as const;
  for (const [a, b, axis, who] of pairs) {
    const [x, y] = [a.axes[axis]!, b.axes[axis]!];
    if (mayEqual(env, x.size, y.size)) continue;
    mistake(
      env,
      'BF3003',
      `${who} of \`attend\` differ: ${shapeText(a)} and ${shapeText(b)}`,
      span,
      {
        related: origins(x, y),
      },
    );
    return false;
  }
  const [heads, keyHeads] = [q.axes[1]!, k.axes[1]!];
  const group = div(heads.size, keyHeads.size);
  if ((group && isWhole(group)) || (env.run.isGeneric && !(group && rationalOf(group))))
    return true;
  mistake(
    env,
    'BF3003',
    `${axisText(heads)} query heads are not a multiple of ${axisText(keyHeads)} key heads`,
    span,
    {
      related: origins(heads, keyHeads),
    },
  );
  return false;
}

/** The given scale, or 1/sqrt(k). */
function scaleOf({ env, named, span }: FunctionCall, q: Tensor): number | undefined {
  const given = named.get('scale');
  if (!given) {
    const size = asNumber(q.axes[3]!.size);
    if (size !== undefined || env.run.isGeneric) return 1 / Math.sqrt(size ?? 1);
    mistake(env, 'BF2028', '`scale` must be given where the size of a head is not known', span);
    return undefined;
  }
  const known = isNumeric(given.value) ? floatOf(given.value) : undefined;
  if (known !== undefined && Number.isFinite(Math.fround(known))) return known;
  if (isNumeric(given.value) && env.run.isGeneric) return 1;
  mistake(
    env,
    'BF2023',
    `\`scale\` must be a number known when compiling, not ${describe(given.value)}`,
    given.span,
  );
  return undefined;
}

const SIGNATURES = {
  mask: { params: MASK_PARAMS, gives: 'bool', inputs: '(b: i32[], h: i32[], i: i32[], j: i32[])' },
  score: {
    params: SCORE_PARAMS,
    gives: 'f32',
    inputs: '(s: [], b: i32[], h: i32[], i: i32[], j: i32[])',
  },
} as const;

/** The region that a mask or score becomes; none if none is given, or none is known in a generic check. */
function regionOf(call: FunctionCall, role: 'mask' | 'score'): Region | 'none' | 'mistake' {
  const { env } = call;
  const given = call.named.get(role);
  if (!given) return 'none';
  const { value, span } = given;
  if (value.kind !== 'layer') {
    mistake(env, 'BF2023', `\`${role}\` is a layer, not ${describe(value)}`, span);
    return 'mistake';
  }
  if (!takesNumbers(call, role, value, span)) return 'mistake';
  const steps: Step[] = [];
  const frame: Frame = { ...env.frame, steps, isRegion: true };
  const params = SIGNATURES[role].params.map((type) => ({ id: env.run.nextId++, type }));
  const inputs = params.map(
    ({ id, type }): Tensor => ({ kind: 'tensor', id, dtype: type.dtype, axes: [] }),
  );
  const named = { ...value, name: value.name ?? role };
  const result = env.run.apply({ ...env, frame }, named, inputs, span);
  if (result.kind !== 'tensor') return value.source.kind === 'placeholder' ? 'none' : 'mistake';
  const nodes = steps.flatMap((step): Node[] => (step.kind === 'op' ? [step.node] : []));
  const isScalar = checkScalar(call, role, result, nodes, span);
  return isScalar ? { params, nodes, result: result.id } : 'mistake';
}

function takesNumbers(
  { env }: FunctionCall,
  role: 'mask' | 'score',
  layer: LayerValue,
  span: Span,
): boolean {
  const { source } = layer;
  if (source.kind === 'placeholder') return true;
  const { params, inputs } = SIGNATURES[role];
  const isLayer = source.kind === 'item' && source.item.kind === 'layer';
  if (isLayer && source.item.inputs.length === params.length) return true;
  mistake(
    env,
    'BF3012',
    `\`${role}\` is a layer of ${inputs}, which \`${layerName(layer)}\` is not`,
    span,
  );
  return false;
}

/** What a region is made of. */
const SCALAR_OPS: ReadonlySet<Op['kind']> = new Set([
  'const',
  'size',
  'unary',
  'binary',
  'select',
  'cast',
  'gather',
]);

/** A region gives one number of its type, and computes nothing else than numbers on the way. */
function checkScalar(
  { env }: FunctionCall,
  role: 'mask' | 'score',
  result: Tensor,
  nodes: readonly Node[],
  span: Span,
): boolean {
  const { gives } = SIGNATURES[role];
  if (result.axes.length > 0 || result.dtype !== gives) {
    const shown = result.dtype === 'f32' ? `f32${shapeText(result)}` : shapeText(result);
    mistake(env, 'BF3012', `\`${role}\` must give one ${gives} number, not ${shown}`, span);
    return false;
  }
  const large = nodes.find(({ op, type }) => type.shape.length > 0 || !SCALAR_OPS.has(op.kind));
  if (!large) return true;
  const at = large.origin.span ?? span;
  mistake(env, 'BF3012', `\`${role}\` computes a tensor here; it may only use single numbers`, at, {
    hint: 'look up weights by the positions: `table[h, j]`',
  });
  return false;
}

/** A score that gives back the scaled product needs no code. */
const isIdentity = (region: Region): boolean => region.result === region.params[0]!.id;

/** Nor does a mask that keeps everything. */
function isAlwaysTrue({ nodes, result }: Region): boolean {
  const node = nodes.find(({ id }) => id === result);
  return node?.op.kind === 'const' && node.op.value === 1;
}

export const ATTENTION: FunctionTable = {
  attend: {
    usage: 'attend(q, k, v, scale: 1 / sqrt(k), mask: causal, score: soft_cap(50))',
    operands: [3, 3],
    named: { scale: 'optional', mask: 'optional', score: 'optional' },
    evaluate: attend,
  },
};
