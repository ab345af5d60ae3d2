// Tensors of which every element is one number known now: constants, and views of constants.
import type { DType, Node, NodeId, TensorType } from '../../ops/op.ts';
import type { Rewriter } from './rewrite.ts';

/** The number that every element has, if it is known. */
export function uniformValue(
  id: NodeId,
  { definition }: Pick<Rewriter, 'definition'>,
): number | undefined {
  let node = definition(id);
  while (node && KEEPS_ELEMENTS.has(node.op.kind)) node = definition(node.inputs[0]!);
  return node?.op.kind === 'const' ? node.op.value : undefined;
}

const KEEPS_ELEMENTS: ReadonlySet<Node['op']['kind']> = new Set<Node['op']['kind']>([
  'reshape',
  'transpose',
  'broadcast',
  'slice',
]);

/** A tensor of the type, filled with the number; `undefined` if the element type cannot hold it. */
export function emitUniform(
  value: number,
  type: TensorType,
  rewriter: Rewriter,
): NodeId | undefined {
  if (!fits(value, type.dtype)) return undefined;
  const scalar = rewriter.emit({ kind: 'const', value, dtype: type.dtype }, []);
  if (type.shape.length === 0) return scalar;
  return rewriter.emit({ kind: 'broadcast', shape: type.shape, axes: [] }, [scalar]);
}

function fits(value: number, dtype: DType): boolean {
  return dtype === 'f32' ? Number.isFinite(Math.fround(value)) : (value | 0) === value;
}
