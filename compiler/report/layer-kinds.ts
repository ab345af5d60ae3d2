// What sort of layer each part of a model is, told from what it computes and never from its name: names are the user's.
import type { CostReport, CostRow } from '../cost/count-cost.ts';
import type { Part } from './structure.ts';

/**
 * - `attention`: weighs values by scores of pairs. `experts`: gives each row to some of many layers.
 * - `embedding`: looks tokens up, or scores the vocabulary.
 * - `dense`: other products. `norm`: no products, but sums or maxima. `other`: the rest.
 * - `group`: blocks, repeats, and layers that are made of attention or experts as they are of others.
 */
export type LayerKind = (typeof LAYER_KINDS)[number];

export const LAYER_KINDS = [
  'attention',
  'dense',
  'experts',
  'embedding',
  'norm',
  'other',
  'group',
] as const;

/** The kind of a part of the report's model. */
export function layerKinds(report: CostReport): (part: Part) => LayerKind {
  const rows = new Map(report.rows.map((row) => [row.path, row]));
  const vocabulary = new Set(report.vocabularyProducts);
  const kinds = new Map<Part, LayerKind>();

  function within(part: Part, holds: (part: Part, row: CostRow | undefined) => boolean): boolean {
    return holds(part, rows.get(part.path)) || part.parts.some((inner) => within(inner, holds));
  }

  function kindOf(part: Part): LayerKind {
    const known = kinds.get(part);
    if (known) return known;
    const kind = told(part);
    kinds.set(part, kind);
    return kind;
  }

  function told(part: Part): LayerKind {
    if (part.kind === 'block' || part.kind === 'repeat' || part.parts.some(isSubLayer))
      return 'group';
    if (within(part, (_, row) => row !== undefined && row.work.attentionMacs > 0n))
      return 'attention';
    if (within(part, ({ kind }) => kind === 'experts')) return 'experts';
    const isVocabulary = ({ path }: Part, row: CostRow | undefined) =>
      vocabulary.has(path) || (row?.work.lookUpMacs ?? 0n) > 0n;
    if (within(part, isVocabulary)) return 'embedding';
    if (within(part, (_, row) => row !== undefined && row.work.macs > 0n)) return 'dense';
    return within(part, ({ operations }) => operations.includes('reduce')) ? 'norm' : 'other';
  }

  /** A layer that makes one of what stands around it, where attention or experts in it are not its own. */
  const isSubLayer = (part: Part): boolean =>
    part.kind !== 'experts' && ['attention', 'experts', 'group'].includes(kindOf(part));

  return kindOf;
}
