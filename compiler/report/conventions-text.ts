// The conventions of a report in words, for its header, whatever the format.
import type { CostReport } from '../cost/count-cost.ts';
import type { ModelReport } from './model-report.ts';

/** What the report is of: `one forward run at b = 1, t = 512`. */
export function subject({ mode, symbols }: CostReport): string {
  const sizes = sizesText(symbols);
  return mode === 'forward'
    ? `one forward run at ${sizes}`
    : `one more token of each sequence at ${sizes}, with keys and values of those before kept`;
}

export function sizesText(symbols: CostReport['symbols']): string {
  const sizes = Object.entries(symbols).map(([name, value]) => `${name} = ${value}`);
  return sizes.join(', ') || 'fixed sizes';
}

export function conventionLines({ cost, stored, device }: ModelReport): string[] {
  return [
    'Counted exactly. 1 MAC (multiply-add of a product or of attention) = 2 FLOPs; look-ups, views and integer arithmetic 0.',
    'Attention counts the pairs of query and key that its mask keeps; full square: all pairs.',
    'elementwise: one for each operation on an element of f32; a softmax 5 a pair and 1 a result, a norm as its formula says.',
    'Rows hold all turns of a repeat. Activated: parameters that a token meets, those of experts by their share of the tokens.',
    `Moved: each element once in a kernel. Weights and activations are ${stored}${
      stored === 'f16' ? ', which is what they would be: the compiler stores f32' : ''
    }.`,
    ...(device
      ? [
          `Times are predicted for ${device.name} (${device.kind === 'measured' ? 'measured' : 'data sheet'}): a lower bound, by its roofline.`,
        ]
      : []),
    ...cost.inexact.map(
      (path) => `The mask of ${path || 'the model'} depends on data: counted as the full square.`,
    ),
  ];
}
