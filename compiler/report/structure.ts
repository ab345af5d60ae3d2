// The layers of a model as a tree, in the order in which they run: what a diagram of its permutation draws.
import type { Body, Model, Step } from '../model/model.ts';
import { argumentsText } from '../model/print.ts';
import type { Op } from '../ops/op.ts';
import type { SourceFile, Span } from '../source.ts';
import { type Flow, flowOf } from './flow.ts';

export interface Part {
  /** `repeat`: its parts run `count` times; `experts`: each row is given to one of `count`, whose layer the parts are. */
  readonly kind: 'layer' | 'block' | 'repeat' | 'experts';
  /** As in the rows of the cost report: `blocks.*.a`. */
  readonly path: string;
  /** The name of the layer or block; empty for repeats. */
  readonly layer: string;
  /** `heads: 4, position: rope`; what was bound, in the order of the layer's parameters. */
  readonly args: string;
  /** 1 for layers and blocks. */
  readonly count: number;
  /** Where it is called. */
  readonly span: Span;
  /** The nearest place outside of the library that led there: the letter in a block's order. */
  readonly use: Span;
  /** The kinds of its own operations, without those of its parts. */
  readonly operations: readonly Op['kind'][];
  readonly flow: Flow;
  readonly parts: readonly Part[];
}

export const structureOf = (model: Model): Part[] => partsOf(model.body);

const partsOf = ({ steps }: Body): Part[] => steps.flatMap((step) => partOf(step) ?? []);

/** `undefined` for an operation, which is no part of its own. */
function partOf(step: Step): Part | undefined {
  switch (step.kind) {
    case 'op':
      return undefined;
    case 'call': {
      const { path, kind, layer, body, span, use } = step.instance;
      const shown = {
        path: starred(path),
        layer: layer.name,
        args: argumentsText(layer, sixDigits),
        count: 1,
      };
      return { ...shown, kind, span, use, ...insideOf(body) };
    }
    case 'repeat': {
      const { kind, path, count, body, span } = step;
      const shown = { kind, path: starred(path), layer: '', args: '', count };
      return { ...shown, span, use: span, ...insideOf(body) };
    }
    case 'experts': {
      const { kind, path, layer, count, body, span, use } = step;
      const shown = { kind, path: starred(path), layer, args: '', count };
      return { ...shown, span, use, ...insideOf(body) };
    }
  }
}

const insideOf = (body: Body): Pick<Part, 'operations' | 'flow' | 'parts'> => ({
  operations: [
    ...new Set(body.steps.flatMap((step) => (step.kind === 'op' ? [step.node.op.kind] : []))),
  ],
  flow: flowOf(body),
  parts: partsOf(body),
});

/** The files that hold the parts, in the order in which they are met: the model's own first. */
export function filesOf(parts: readonly Part[]): SourceFile[] {
  const inOrder = ({ span, use, parts }: Part) => [use.file, span.file, ...filesOf(parts)];
  return [...new Set(parts.flatMap(inOrder))];
}

const starred = (path: string): string => path.replace(/\{\d+\}/g, '*');

const sixDigits = (value: number): string => String(Number(value.toPrecision(6)));
