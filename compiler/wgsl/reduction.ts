// Sum, maximum and minimum: where they start, how two values combine, how a workgroup's threads combine theirs.
import { invariant } from '../invariant.ts';
import type { ReduceFn } from '../ops/op.ts';
import type { ExprType } from '../schedule/schedule.ts';
import type { KernelBuilder } from './builder.ts';
import { LARGEST_FLOAT, literal } from './literal.ts';

/** What changes nothing when combined. Finite: WGSL has no literal for infinity. */
export function startOf(fn: ReduceFn, dtype: ExprType): string {
  invariant(dtype === 'f32' || dtype === 'i32', 'wgsl', `no ${fn} of ${dtype}`);
  if (fn === 'sum') return literal(0, dtype);
  const least = dtype === 'f32' ? -LARGEST_FLOAT : -(2 ** 31);
  const most = dtype === 'f32' ? LARGEST_FLOAT : 2 ** 31 - 1;
  return literal(fn === 'max' ? least : most, dtype);
}

/** Of scalars or, lane by lane, of vectors. */
export const combine = (fn: ReduceFn, a: string, b: string): string =>
  fn === 'sum' ? `${a} + ${b}` : `${fn}(${a}, ${b})`;

export const combineLanes = (fn: ReduceFn, v: string): string =>
  fn === 'sum'
    ? `(${v}.x + ${v}.y) + (${v}.z + ${v}.w)`
    : `${fn}(${fn}(${v}.x, ${v}.y), ${fn}(${v}.z, ${v}.w))`;

const FAN = 8;

/**
 * Combines every thread's `own` value and gives the name of the result, in two rounds of eight: barriers cost more than the
 * additions that they save. The arrays may be used again at once: between a last read and the next write is a barrier.
 */
export function shareAcrossThreads(
  builder: KernelBuilder,
  fn: ReduceFn,
  dtype: ExprType,
  own: string,
  threads: number,
): string {
  invariant(threads === FAN * FAN, 'wgsl', 'a workgroup shares values in two rounds of eight');
  const element = dtype === 'f32' ? 'f32' : 'i32';
  const [parts, folds] = [`parts_${element}`, `folds_${element}`];
  builder.workgroupArray(parts, element, threads);
  builder.workgroupArray(folds, element, FAN);
  const fan = builder.loopEnd(FAN);
  const total = builder.fresh('total');
  builder.main.lines.push(
    `${parts}[lid] = ${own};`,
    'workgroupBarrier();',
    `if (lid < ${FAN}u) {`,
    [
      `var fold = ${parts}[lid * ${FAN}u];`,
      `for (var j = 1u; j < ${fan}; j++) { fold = ${combine(fn, 'fold', `${parts}[lid * ${FAN}u + j]`)}; }`,
      `${folds}[lid] = fold;`,
    ],
    '}',
    'workgroupBarrier();',
    `var ${total} = ${folds}[0];`,
    `for (var j = 1u; j < ${fan}; j++) { ${total} = ${combine(fn, total, `${folds}[j]`)}; }`,
  );
  return builder.named(builder.main, total);
}
