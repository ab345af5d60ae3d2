// The inner loop of a product: what a thread reads for some steps of k, and what it adds to its sums.
import type { DotRegion, Expr, Loop } from '../schedule/schedule.ts';
import type { KernelBuilder } from './builder.ts';
import { type Bound, type Printer, type Site, siteIn } from './expression.ts';
import { alignedLanes, extentOf, limitedLanes, oneLane } from './grid.ts';

/** What all loops are written with. */
export interface Steps {
  readonly builder: KernelBuilder;
  readonly printer: Printer;
  readonly region: DotRegion;
  /** The columns' loop of the right operands. */
  readonly n: Loop;
  /** The right operands. */
  readonly operands: readonly Expr[];
}

export interface Registers {
  /** The rows that the thread reads of the left operand. */
  readonly rows: readonly Bound[];
  readonly columns: readonly Bound[];
  /** Per product, the first part of its sums' names: `sum_row_vector`. */
  readonly sums: readonly string[];
  /** Per sum over a row, the first part of its name: `rowSum_row`, over the rows that the thread reads. */
  readonly rowSums: readonly string[];
}

const LANES = [0, 1, 2, 3] as const;

/** Four steps of k: the left operand as one vec4 along k for each row, then four vec4 of the right one. */
export function fourSteps(steps: Steps, site: Site, registers: Registers): void {
  const { builder, printer, region, n, operands } = steps;
  const { m, k, a } = region;
  const { block } = site;
  const size = extentOf(builder, k.size);
  const along = size.aligned ? alignedLanes(block, 'k') : limitedLanes(builder, block, 'k', size);
  const left = registers.rows.map((row, r) => {
    const at = siteIn(site, block, [
      [m.var, row],
      [k.var, along],
    ]);
    const limited = (value: string): string => {
      if (size.aligned) return value;
      const inside = `vec4u(k) + vec4u(0u, 1u, 2u, 3u) < vec4u(${size.text})`;
      return `select(vec4f(0f), ${value}, ${builder.named(block, inside)})`;
    };
    for (const [index, sum] of (region.rowSums ?? []).entries()) {
      const value = limited(printer.vector(sum.value, at));
      block.lines.push(`${registers.rowSums[index]}_${r} += ${value};`);
    }
    return builder.named(block, limited(printer.vector(a, at)));
  });
  for (const [p, operand] of operands.entries()) {
    for (const [v, column] of registers.columns.entries()) {
      const bind = (step: Bound, to: Bound): Site =>
        siteIn(site, block, [
          [k.var, step],
          [n.var, to],
        ]);
      const byColumn = liesAlongK(
        printer,
        operand,
        bind(along, scalar(column)),
        bind(scalar(along), column),
      );
      const right = LANES.map((lane) => {
        const at = byColumn
          ? bind(along, oneLane(builder, column, lane))
          : bind(oneLane(builder, along, lane), column);
        return builder.named(block, printer.vector(operand, at));
      });
      for (const [r, x] of left.entries()) {
        const sum = `${registers.sums[p]}_${r}_${v}`;
        if (byColumn) {
          const dots = right.map((y) => `dot(${x}, ${y})`).join(', ');
          block.lines.push(`${sum} += vec4f(${dots});`);
          continue;
        }
        for (const lane of LANES)
          block.lines.push(`${sum} = fma(vec4f(${x}.${'xyzw'[lane]}), ${right[lane]}, ${sum});`);
      }
    }
  }
}

/** One step of k: `registers.rows` are those that the thread reads for its subgroup, of `rows` that all of it sum. */
export function handedOnStep(
  { builder, printer, region: { m, k, a, rowSums = [] }, n, operands }: Steps,
  site: Site,
  { rows: own, columns, sums, rowSums: names }: Registers,
  { rows, subgroupSize }: { readonly rows: number; readonly subgroupSize: number },
): void {
  const { block } = site;
  const step: Bound = { block, text: 'k' };
  const left = own.map((row, r) => {
    const at = siteIn(site, block, [
      [m.var, row],
      [k.var, step],
    ]);
    for (const [index, sum] of rowSums.entries())
      block.lines.push(`${names[index]}_${r} += ${printer.scalar(sum.value, at)};`);
    return builder.named(block, printer.scalar(a, at));
  });
  const right = operands.map((operand) =>
    columns.map((column) => {
      const at = siteIn(site, block, [
        [k.var, step],
        [n.var, column],
      ]);
      return builder.named(block, printer.vector(operand, at));
    }),
  );
  for (let r = 0; r < rows; r++) {
    const from = left[Math.floor(r / subgroupSize)]!;
    const x = builder.named(block, builder.fromLane(from, r % subgroupSize));
    for (const [p, values] of right.entries())
      for (const [v, y] of values.entries()) {
        const sum = `${sums[p]}_${r}_${v}`;
        block.lines.push(`${sum} = fma(vec4f(${x}), ${y}, ${sum});`);
      }
  }
}

const scalar = ({ block, text }: Bound): Bound => ({ block, text });

/** True where the right operand's neighbours in memory are steps of k, as in a product with a transposed table. */
function liesAlongK(printer: Printer, operand: Expr, inK: Site, inN: Site): boolean {
  if (operand.kind !== 'load') return false;
  return printer.lanes(operand.at, inK).step === 1 && printer.lanes(operand.at, inN).step !== 1;
}
