// A diff of two models as text: only what changed, with two lines of the tree around it.
import type { Change, ModelDiff } from './diff.ts';

const CONTEXT = 2;

export interface DiffInk {
  readonly added: (text: string) => string;
  readonly removed: (text: string) => string;
  readonly strong: (text: string) => string;
}

const NO_INK: DiffInk = { added: String, removed: String, strong: String };

export function diffText(diff: ModelDiff, ink: DiffInk = NO_INK): string {
  const { models, same, layers, figures } = diff;
  const lines = [ink.strong(`${models[0]} -> ${models[1]}`)];
  if (same) lines.push('Both mean the same: equal but for names, comments and spelling.');
  const tree = treeText(diff, ink);
  if (tree.length > 0) lines.push('', ink.strong('structure'), ...tree);
  if (layers.length > 0) {
    lines.push('', ink.strong('layers'));
    for (const { path, layer, kind, changes } of layers) {
      const sign = { added: '+', removed: '-', changed: ' ' }[kind];
      const head = `${sign} ${path || '(model)'}${layer && ` (${layer})`}`;
      lines.push(kind === 'changed' ? head : ink[kind](head));
      if (kind === 'changed')
        for (const one of changes) lines.push(`      ${one.what}: ${valuesText(one)}`);
      else lines.push(`      ${changes.map((one) => oneSide(one, kind)).join(', ')}`);
    }
  }
  if (figures.length > 0) {
    const widest = Math.max(...figures.map(({ what }) => what.length));
    lines.push('', ink.strong('whole model'));
    for (const one of figures) lines.push(`  ${one.what.padEnd(widest)}  ${valuesText(one)}`);
  }
  return `${lines.join('\n')}\n`;
}

function treeText({ structure }: ModelDiff, ink: DiffInk): string[] {
  const changed = structure.flatMap(({ kind }, at) => (kind === 'kept' ? [] : [at]));
  const near = (at: number) => changed.some((place) => Math.abs(place - at) <= CONTEXT);
  let skipped = false;
  return structure.flatMap(({ kind, line }, at) => {
    if (!near(at)) {
      const first = !skipped && changed.length > 0;
      skipped = true;
      return first ? ['  ...'] : [];
    }
    skipped = false;
    if (kind === 'kept') return [`  ${line}`];
    return [ink[kind](`${kind === 'added' ? '+' : '-'} ${line}`)];
  });
}

const oneSide = ({ what, before, after }: Change, kind: 'added' | 'removed'): string =>
  `${what} ${kind === 'added' ? after : before}`;

function valuesText({ before, after, ratio }: Change): string {
  const times = ratio === undefined ? '' : `  (${ratio.toFixed(ratio < 0.1 ? 4 : 2)} x)`;
  return `${before || 'none'} -> ${after || 'none'}${times}`;
}
