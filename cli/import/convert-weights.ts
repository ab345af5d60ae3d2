// The tensors of a checkpoint as the weights of a planned model. Everything that is missing, left over or of a wrong
// shape is named in one error, before any value is converted.
import { countStep } from '../../runtime/load-progress.ts';
import { type FloatTensor, type StoredTensor, tensorFloats } from '../../runtime/safetensors.ts';
import { product } from '../../runtime/weights.ts';
import type { OnStep } from '../progress.ts';
import { ImportError, type ImportPlan, type WeightOrigin } from './import-plan.ts';

/** @throws {ImportError} where the tensors are not those of the plan. */
export function convertWeights(
  plan: ImportPlan,
  tensors: ReadonlyMap<string, StoredTensor>,
  onStep?: OnStep,
): Map<string, FloatTensor> {
  checkTensors(plan, tensors);
  const total = plan.weights.reduce((sum, { shape }) => sum + product(shape), 0);
  const converted = countStep('convert', total, onStep);
  return new Map(
    plan.weights.map((origin) => {
      const parts = origin.from.map((name) =>
        rearrange(tensorFloats(name, tensors.get(name)!), origin),
      );
      const data = joined(parts);
      converted(data.length);
      return [origin.name, { shape: origin.shape, data }];
    }),
  );
}

function checkTensors(plan: ImportPlan, tensors: ReadonlyMap<string, StoredTensor>): void {
  const wanted = new Map(
    plan.weights.flatMap(({ from, stored }) => from.map((name) => [name, stored] as const)),
  );
  const problems: string[] = [];
  for (const [name, shape] of wanted) {
    const tensor = tensors.get(name);
    if (!tensor) problems.push(`${name} [${shape.join(', ')}] is missing`);
    else if (String(tensor.shape) !== String(shape))
      problems.push(
        `${name} has the shape [${tensor.shape.join(', ')}], but [${shape.join(', ')}] follows from config.json`,
      );
    else if (!['F32', 'F16', 'BF16'].includes(tensor.dtype))
      problems.push(`${name} is of type ${tensor.dtype}; F32, F16 and BF16 are supported`);
  }
  const copies = new Map(plan.copies.map(({ name, of }) => [name, of]));
  for (const [name, tensor] of tensors) {
    if (wanted.has(name) || plan.ignored.test(name)) continue;
    const of = copies.get(name);
    if (of === undefined) problems.push(`${name} has no place in this architecture`);
    else if (!sameBytes(tensor, tensors.get(of)))
      problems.push(`${name} differs from ${of}, though config.json says that they are tied`);
  }
  if (problems.length > 0)
    throw new ImportError('The tensors do not fit the architecture:', problems);
}

function sameBytes(a: StoredTensor, b: StoredTensor | undefined): boolean {
  return b !== undefined && a.dtype === b.dtype && Buffer.compare(a.bytes, b.bytes) === 0;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const [only, ...more] = parts;
  if (only && more.length === 0) return only;
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}

/** One tensor of those that a weight is made of. */
function rearrange(values: Float32Array, { layout, shape, stored }: WeightOrigin): Float32Array {
  switch (layout.kind) {
    case 'same':
      return values;
    case 'transposed': {
      const [rows, columns] = shape.slice(-2) as [number, number];
      const result = new Float32Array(values.length);
      for (let c = 0; c < columns; c++)
        for (let r = 0; r < rows; r++) result[r * columns + c] = values[c * rows + r]!;
      return result;
    }
    case 'columns': {
      const [width, from] = [shape.at(-1)!, stored.at(-1)!];
      const rows = values.length / from;
      const result = new Float32Array(rows * width);
      for (let r = 0; r < rows; r++) {
        const start = r * from + layout.start;
        result.set(values.subarray(start, start + width), r * width);
      }
      return result;
    }
  }
}
