// Shape rules of the operations that have regions, attend and repeat, and the parameters that their regions take.
// Looks at a region's signature only; what stands inside a region is checked by graph/verify.ts.
import { div, equal, isWhole } from '../shapes/dim.ts';
import type { DType, Op, Region, TensorType } from './op.ts';
import { arity, check, type Operands, type OpOf } from './operand-check.ts';
import { sameShape, sameType } from './same-type.ts';
import { typeText } from './type-text.ts';

export function attendType(op: OpOf<'attend'>, operands: Operands): TensorType {
  arity(op, operands, 3);
  const [q, k, v] = operands as readonly [TensorType, TensorType, TensorType];
  for (const operand of operands) {
    check(
      operand.dtype === 'f32' && operand.shape.length === 4,
      op,
      operands,
      'operands must be f32 of rank 4',
    );
  }
  check(Number.isFinite(op.scale), op, operands, `scale ${op.scale}`);
  check(
    sameShape(k.shape.slice(0, 3), v.shape.slice(0, 3)),
    op,
    operands,
    'keys and values must agree in [b, g, s]',
  );
  check(equal(q.shape[0]!, k.shape[0]!), op, operands, 'queries and keys must agree in the batch');
  check(
    equal(q.shape[3]!, k.shape[3]!),
    op,
    operands,
    'queries and keys must agree in the head size',
  );
  const group = div(q.shape[1]!, k.shape[1]!);
  check(group && isWhole(group), op, operands, 'query heads must be a multiple of key heads');
  if (op.mask) regionSignature(op, operands, op.mask, MASK_PARAMS, 'bool', 'mask');
  if (op.score) regionSignature(op, operands, op.score, SCORE_PARAMS, 'f32', 'score');
  return { dtype: 'f32', shape: [...q.shape.slice(0, 3), v.shape[3]!] };
}

/** (b, h, i, j) of a mask. */
export const MASK_PARAMS: readonly TensorType[] = Array.from({ length: 4 }, () => ({
  dtype: 'i32',
  shape: [],
}));
/** (s, b, h, i, j) of a score. */
export const SCORE_PARAMS: readonly TensorType[] = [{ dtype: 'f32', shape: [] }, ...MASK_PARAMS];

export function repeatType(op: OpOf<'repeat'>, operands: Operands): TensorType {
  arity(op, operands, 1);
  check(Number.isInteger(op.count) && op.count >= 1, op, operands, `count ${op.count}`);
  const carried = operands[0]!;
  const { params } = op.body;
  check(params.length === 1, op, operands, `the body has ${params.length} parameters`);
  check(
    sameType(params[0]!.type, carried),
    op,
    operands,
    `the body takes ${typeText(params[0]!.type)}`,
  );
  const result = regionResult(op.body);
  if (result) check(sameType(result, carried), op, operands, `the body gives ${typeText(result)}`);
  return carried;
}

function regionSignature(
  op: Op,
  operands: Operands,
  region: Region,
  params: readonly TensorType[],
  gives: DType,
  name: string,
): void {
  const actual = region.params.map((param) => param.type);
  const fits =
    actual.length === params.length && actual.every((type, i) => sameType(type, params[i]!));
  check(fits, op, operands, `the ${name} takes (${actual.map(typeText).join(', ')})`);
  const result = regionResult(region);
  if (result)
    check(
      sameType(result, { dtype: gives, shape: [] }),
      op,
      operands,
      `the ${name} gives ${typeText(result)}`,
    );
}

/** The type of a region's result where it is the region's own; else graph/verify.ts looks it up outside. */
function regionResult(region: Region): TensorType | undefined {
  return [...region.params, ...region.nodes].find((value) => value.id === region.result)?.type;
}
