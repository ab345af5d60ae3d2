// A whole report of a program in memory, for tests of what reports show.
import { cost, describe, plan } from '../../compiler/compile.ts';
import type { Roofline } from '../../compiler/cost/roofline.ts';
import type { ModelReport } from '../../compiler/report/model-report.ts';
import { sources } from './sources.ts';

export interface ReportRequest {
  readonly model?: string;
  readonly place?: string;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly device?: { readonly name: string; readonly roofline: Roofline };
}

export const SLOW_DEVICE: Roofline = {
  flops: 1e9,
  bytesPerSecond: 1e8,
  dispatchMs: 0.01,
  submitMs: 0.1,
};

/** Of `m.bform`, at b = 2, t = 8 unless told. */
export function reportOf(
  source: string,
  { model, place = 'm.bform', sizes = { b: 2, t: 8 }, device }: ReportRequest = {},
): ModelReport {
  const { result, diagnostics } = plan('m.bform', sources({ 'm.bform': source }), {
    maxBindingBytes: Number.MAX_SAFE_INTEGER,
    ...(model !== undefined && { model }),
  });
  if (!result) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return describe(result, cost(result, sizes), {
    place,
    device: device && { ...device, kind: 'measured' },
  });
}

/** Attention, a mixture and a dense layer in a repeated block. */
export const SMALL_MIXTURE = `// A small mixture.
edition 1
use std.{attention, embed, ffn, layer_norm, moe, pre_norm, rope, top_k, unembed}

block brew(d: dim) {
  let a = attention(heads: 2, position: rope)
  let f = ffn(hidden: 2 * d)
  let g = moe(ffn(hidden: d), experts: 4, route: top_k(2))

  pre_norm(layer_norm): a f g g
}

/// Small enough to be read.
model tiny {
  vocab: 32
  context: 16
  let blocks = brew(16)

  embed(16) -> blocks * 3 -> layer_norm -> unembed(tied: true)
}
`;
