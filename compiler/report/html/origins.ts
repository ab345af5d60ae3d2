// How a figure of one row comes about, in its own numbers: what stands on each cell of the table.
import { flopsOf } from '../../cost/conventions.ts';
import { formulaOf } from '../formulas.ts';
import type { LayerNode } from '../layer-tree.ts';
import type { ModelReport } from '../model-report.ts';
import { grouped, percent } from '../quantities.ts';

/** `= 2 × 1,048,576 MACs`; `undefined` for what is counted and not worked out. */
export function originOf(
  report: ModelReport,
  { row, path, isLeaf }: LayerNode,
  column: string,
): string | undefined {
  const { cost, formulas } = report;
  const { work, moved, params } = row;
  const flops = flopsOf(work, 'exact');
  const isForward = formulas && isLeaf && cost.mode === 'forward';
  const formula = isForward ? formulaOf(formulas, path, column) : undefined;
  const worked = ((): string | undefined => {
    switch (column) {
      case 'flops':
        return flops > 0n ? `= 2 × ${grouped(work.macs)} MACs` : undefined;
      case 'share':
        return flops > 0n
          ? `= ${grouped(flops)} of ${grouped(flopsOf(cost.work, 'exact'))} FLOPs`
          : undefined;
      case 'flops_full_square':
        return work.macsFullSquare > work.macs
          ? `= 2 × ${grouped(work.macsFullSquare)} MACs of all pairs`
          : undefined;
      case 'weight_bytes':
        return params > 0n
          ? `= ${grouped(params)} parameters × ${grouped(cost.elementBytes)} bytes`
          : undefined;
      case 'intensity':
        return moved > 0n ? `= ${grouped(flops)} FLOPs / ${grouped(moved)} bytes` : undefined;
      case 'bytes_moved':
        return isLeaf ? kernelsOf(report, path) : undefined;
      default:
        return undefined;
    }
  })();
  const lines = [worked, formula && `= ${formula}`].filter((line) => line !== undefined);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

/** Shares below this come of constants that kernels have in common. */
const LEAST_SHARE = 0.001;

/** The kernels that compute a layer, with the share that is its own. */
function kernelsOf({ cost }: ModelReport, path: string): string | undefined {
  const found = cost.kernels.flatMap(({ label, layers }) => {
    const share = layers.find((layer) => layer.path === path)?.share ?? 0;
    return share >= LEAST_SHARE ? [`${percent(share)} of the kernel ${starred(label)}`] : [];
  });
  return found.length > 0 ? found.join('\n') : undefined;
}

/** Labels of kernels as paths are written: `blocks.*.f.gate+up`. */
export const starred = (label: string): string => label.replace(/\{\d+\}/g, '*');
