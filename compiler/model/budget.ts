// Counts what a program grows into, before it is made, with every repeat written out.
// The first limit that is passed is reported and ends the elaboration.
import type { Span } from '../source.ts';
import { type Env, type Run, turnsOf } from './context.ts';
import { ExpansionStopped, LIMITS } from './limits.ts';
import { mistake } from './mistake.ts';

export function countOperation(env: Env, span: Span): void {
  env.run.totals.operations += turnsOf(env.frame);
  if (env.run.totals.operations > LIMITS.operations)
    tooLarge(env, LIMITS.operations, 'operations', span);
}

/** Counts an instance of a layer, to be run as often as the frame it stands in. */
export function countLayer(env: Env, span: Span): void {
  env.run.totals.layers += turnsOf(env.frame);
  if (env.run.totals.layers > LIMITS.layers) tooLarge(env, LIMITS.layers, 'layers', span);
}

export function countEvaluation(env: Env, span: Span): void {
  env.run.totals.evaluations++;
  if (env.run.totals.evaluations > LIMITS.evaluations) {
    tooLarge(env, LIMITS.evaluations, 'steps of evaluation', span);
  }
}

function tooLarge(env: Env, limit: number, what: string, span: Span): never {
  mistake(
    env,
    'BF2042',
    `the program expands to more than ${limit.toLocaleString('en')} ${what}`,
    span,
    {
      hint: 'fewer or shorter repeats, or layers that apply fewer others',
    },
  );
  throw new ExpansionStopped();
}

/** Runs `body` one layer deeper; past the limit it reports the chain of layers and ends the elaboration. */
export function deeperLayer<T>(env: Env, name: string, span: Span, body: () => T): T {
  const { totals } = env.run;
  if (totals.layerDepth >= LIMITS.layerDepth) {
    const chain: string[] = [name];
    for (let { frame } = env; frame.use && chain.length < 5; frame = frame.use.frame) {
      chain.unshift(frame.layer);
    }
    mistake(
      env,
      'BF2043',
      `layers nest more than ${LIMITS.layerDepth} deep: ... -> ${chain.join(' -> ')}`,
      span,
    );
    throw new ExpansionStopped();
  }
  totals.layerDepth++;
  const result = body();
  totals.layerDepth--;
  return result;
}

/** Runs `body` one expression deeper; the depth goes on through the layers that are applied on the way. */
export function deeperExpression<T>(env: Env, span: Span, body: () => T): T {
  const { totals } = env.run;
  if (totals.expressionDepth >= LIMITS.expressionDepth) {
    mistake(
      env,
      'BF2043',
      `layers and expressions nest more than ${LIMITS.expressionDepth} deep`,
      span,
      {
        hint: 'name parts of the expressions with `let`',
      },
    );
    throw new ExpansionStopped();
  }
  totals.expressionDepth++;
  const result = body();
  totals.expressionDepth--;
  return result;
}

/** What a run has cost so far, in evaluations. */
export function expansionWork({ totals }: Run): number {
  return totals.evaluations + totals.operations;
}
