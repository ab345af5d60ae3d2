// The kernels of a report as the plots show them: in order, coloured by the layer that most of each is.
import { demandOf } from '../../cost/predict-times.ts';
import type { Bound } from '../../cost/roofline.ts';
import type { LayerKind } from '../layer-kinds.ts';
import { starred } from './origins.ts';
import type { View } from './view.ts';

export interface KernelPoint {
  readonly label: string;
  readonly times: number;
  /** FLOPs, and two for each elementwise operation, which takes as long as a multiply-add. */
  readonly operations: number;
  readonly bytes: number;
  readonly ms: number;
  readonly bound: Bound | undefined;
  readonly kind: LayerKind;
  /** The layer that most of it is, by its place in the tree. */
  readonly layer: number | undefined;
}

export function kernelPoints(view: View): KernelPoint[] {
  const { cost, times } = view.report;
  return cost.kernels.map((kernel, at) => {
    const { flops, elementwise, bytes } = demandOf(kernel);
    const [most] = [...kernel.layers].sort((a, b) => b.share - a.share);
    const node = most && view.leafAt(most.path);
    const predicted = times?.kernels[at];
    return {
      label: starred(kernel.label),
      times: kernel.times,
      operations: flops + 2 * elementwise,
      bytes,
      ms: predicted?.ms ?? 0,
      bound: predicted?.bound,
      kind: node?.kind ?? 'other',
      layer: node?.index,
    };
  });
}
