// Sum, maximum and minimum: where they start, how two values combine, how a workgroup's threads combine theirs.
import { invariant } from '../invariant.ts';
import type { ReduceFn } from '../ops/op.ts';
import type { ExprType } from '../schedule/schedule.ts';
import type { Block, KernelBuilder } from './builder.ts';
import { elementOf, LARGEST_FLOAT, literal } from './literal.ts';

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

/**
 * Combines every thread's `own` value and gives the name of the result, in two rounds: barriers cost more than the additions
 * that they save. The arrays may be used again at once: between a last read and the next write is a barrier.
 */
export function shareAcrossThreads(
  builder: KernelBuilder,
  block: Block,
  fn: ReduceFn,
  dtype: ExprType,
  own: string,
  threads: number,
): string {
  const round = Math.sqrt(threads);
  invariant(Number.isInteger(round), 'wgsl', 'a workgroup shares values in two equal rounds');
  const element = elementOf(dtype);
  const [parts, folds] = [`parts_${element}`, `folds_${element}`];
  builder.workgroupArray(parts, element, threads);
  builder.workgroupArray(folds, element, round);
  const fan = builder.loopEnd(round);
  const total = builder.fresh('total');
  block.lines.push(
    `${parts}[lid] = ${own};`,
    'workgroupBarrier();',
    `if (lid < ${round}u) {`,
    [
      `var fold = ${parts}[lid * ${round}u];`,
      `for (var j = 1u; j < ${fan}; j++) { fold = ${combine(fn, 'fold', `${parts}[lid * ${round}u + j]`)}; }`,
      `${folds}[lid] = fold;`,
    ],
    '}',
    'workgroupBarrier();',
    `var ${total} = ${folds}[0];`,
    `for (var j = 1u; j < ${fan}; j++) { ${total} = ${combine(fn, total, `${folds}[j]`)}; }`,
  );
  return builder.named(block, total);
}
