// The inverse question: the largest batch, length or parameter of a model with which it stays within limits.
import { buildManifest } from '../compiler/bundle/build-manifest.ts';
import {
  type Compilation,
  cost,
  costOfDecoding,
  describe,
} from '../compiler/compile.ts';
import type { CostReport } from '../compiler/cost/count-cost.ts';
import { flopsOf } from '../compiler/cost/conventions.ts';
import type { ModelReport } from '../compiler/report/model-report.ts';
import { UsageError, UserError } from './exit.ts';
import { checkParameter, type Maker } from './open-parameters.ts';

export interface Limits {
  /** Bytes of everything that is on the device. */
  readonly memory?: number | undefined;
  readonly flops?: number | undefined;
  readonly params?: number | undefined;
}

/** What is measured at a value of the unknown. */
export interface Measured {
  readonly memory: number;
  readonly flops: number;
  readonly params: number;
}

export interface Solution {
  readonly unknown: string;
  readonly value: number;
  readonly at: Measured;
  /** Why no larger value is taken. */
  readonly because:
    | { readonly kind: 'limit'; readonly name: keyof Limits; readonly next: number; readonly at: Measured }
    | { readonly kind: 'model'; readonly most: number };
}
