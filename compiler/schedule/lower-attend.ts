// Attention as an attend region: operands, score and mask as expressions over batch, head, query and key, and the
// interval of keys that each query can see.
import { invariant } from '../invariant.ts';
import { type AffineForm, maskInterval } from '../ops/mask-interval.ts';
import type { NodeId, Region } from '../ops/op.ts';
import { asNumber, constant, type Dim, div } from '../shapes/dim.ts';
import { isNonNegative, linearBounds } from './bounds.ts';
import type { Exprs } from './expr.ts';
import { type Lowering, type RegionParts, storesFrom } from './lowering.ts';
import type { AttendRegion, Expr } from './schedule.ts';

const SCORE = 0;
const RESULT = 1;

export function lowerAttend(lowering: Lowering): RegionParts<'attend'> {
  const { e, cluster, program, known, read } = lowering;
  const [node] = cluster.anchors;
  invariant(node?.op.kind === 'attend', 'schedule', 'an attend region without attention');
  const { op } = node;
  const [qId, kId, vId] = node.inputs as [number, number, number];
  const q = program.typeOf(qId).shape;
  const v = program.typeOf(vId).shape;
  const [b, h, i] = q.slice(0, 3).map((size) => e.loop(size)) as [Loop, Loop, Loop];
  const j = e.loop(v[2]!);
  const c = e.loop(q[3]!);
  const n = e.loop(v[3]!);
  const groupSize = wholeNumber(div(q[1]!, v[1]!));
  const at = (loop: Loop): Expr => e.variable(loop.var);
  const group = e.div(at(h), constant(groupSize));
  const point = [at(b), at(h), at(i), at(j)].map((expr) => e.cast(expr, 'i32'));

  const parts = {
    q: read(qId, [at(b), at(h), at(i), at(c)]),
    k: read(kId, [at(b), group, at(j), at(c)]),
    v: read(vId, [at(b), group, at(j), at(n)]),
  };
  const inline = (region: Region, args: readonly Expr[]): Expr => {
    region.params.forEach(({ id }, at) => {
      known.set(id, { index: [], value: args[at]! });
    });
    return read(region.result, []);
  };
  const interval = maskInterval(op.mask, (id) => program.node(id), true);
  const mask = op.mask && !interval.exact ? inline(op.mask, point) : undefined;
  const score = op.score ? inline(op.score, [e.acc(SCORE, 'f32'), ...point]) : undefined;
  if (op.mask) known.set(op.mask.params[0]!.id, { index: [], value: point[0]! });
  const bound = (form: AffineForm): Expr => affine(e, form, at(i), (id) => read(id, []));
  const lo = largest(e, interval.lo.map(bound));
  const hi = smallest(e, interval.hi.map(bound), j.size);

  const index = [at(b), at(h), at(i), at(n)];
  const stores = storesFrom(lowering, node.id, index, e.acc(RESULT, 'f32'));
  return {
    kind: 'attend',
    ...{ b, h, i, j, c, n },
    groupSize,
    scale: op.scale,
    ...parts,
    scoreAcc: SCORE,
    ...(score && { score }),
    ...(mask && { mask }),
    ...(lo && { lo }),
    ...(hi && { hi }),
    acc: RESULT,
    stores,
  };
}

type Loop = AttendRegion['b'];

function wholeNumber(size: Dim | undefined): number {
  const value = size && asNumber(size);
  invariant(value !== undefined, 'schedule', 'query heads are no known multiple of key heads');
  return value;
}

/** `slope * i + offset` as an index, not below zero. */
function affine(
  e: Exprs,
  { slope, offset, per }: AffineForm,
  i: Expr,
  readScalar: (id: NodeId) => Expr,
): Expr {
  const sum = e.add(e.scale(i, constant(slope)), e.size(offset));
  if (per) {
    const all = [...per].reduce(
      (total, [id, factor]) => {
        const part = e.binary('mul', readScalar(id), e.constant(factor, 'i32'));
        return e.binary('add', total, part);
      },
      e.cast(sum, 'i32'),
    );
    return e.cast(e.binary('max', all, e.constant(0, 'i32')), 'u32');
  }
  const { lower } = linearBounds(e.facts, e.linearOf(sum));
  if (lower && isNonNegative(e.facts, lower)) return sum;
  return e.cast(e.binary('max', e.cast(sum, 'i32'), e.constant(0, 'i32')), 'u32');
}

function largest(e: Exprs, bounds: readonly Expr[]): Expr | undefined {
  if (bounds.length === 0) return undefined;
  return bounds.reduce((a, b) => e.binary('max', a, b));
}

/** The smallest of the bounds and the number of keys. */
function smallest(e: Exprs, bounds: readonly Expr[], keys: Dim): Expr | undefined {
  if (bounds.length === 0) return undefined;
  const least = bounds.reduce((a, b) => e.binary('min', a, b));
  const all = e.size(keys);
  const fits = e.binary('le', least, all);
  return fits.kind === 'const' && fits.value !== 0 ? least : e.binary('min', least, all);
}
