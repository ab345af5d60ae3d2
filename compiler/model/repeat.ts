// Repeats: the count is checked before anything is expanded; the body is elaborated once, with `{k}` in its paths for the
// turn, and stays a step of its own.
import type { Step as AstStep } from '../ast/ast.ts';
import { asBigInt, constant } from '../shapes/dim.ts';
import type { Span } from '../source.ts';
import { type AuxiliaryRecord, type Env, type Frame, joinPath, uniqueName } from './context.ts';
import { typeOf } from './emit.ts';
import { LIMITS } from './limits.ts';
import { mistake } from './mistake.ts';
import type { Emit, Step } from './model.ts';
import { mayEqual } from './sizes.ts';
import { describe, shapeText, type Tensor } from './value.ts';

/** How often a step runs, `least` times or more: 1 if it says nothing; reported and `undefined` if the count is no count. */
export function turnsOfStep(env: Env, step: AstStep, least: 0 | 1 = 1): number | undefined {
  const { times } = step;
  if (!times) return 1;
  const value = env.run.evaluate(env, times);
  if (value.kind === 'poison') return undefined;
  const count = value.kind === 'size' ? asBigInt(value.size) : undefined;
  if (count === undefined) {
    if (value.kind === 'size' && env.run.isGeneric) return 1;
    mistake(
      env,
      'BF2028',
      `a repeat has a whole number of turns known when compiling, not ${describe(value)}`,
      times.span,
    );
    return undefined;
  }
  if (count >= BigInt(least) && count <= BigInt(LIMITS.repeat)) return Number(count);
  mistake(
    env,
    'BF2041',
    `${count} turns; a repeat has ${least} to ${LIMITS.repeat.toLocaleString('en')}`,
    times.span,
  );
  return undefined;
}

/** What the body of a repeat declares leaves it as a value of all turns, for the frame around. */
function emitAll(
  { frame, run }: Env,
  auxiliary: readonly AuxiliaryRecord[],
  turns: number,
): Emit[] {
  return auxiliary.map((record) => {
    const id = run.nextId++;
    const type = { ...record.type, shape: [constant(turns), ...record.type.shape] };
    frame.auxiliary.push({ ...record, id, type });
    return { value: record.id, id, type };
  });
}

/** A repeat of `turns` turns around what `body` adds. `name` goes into the paths, with the turn. */
export function repeatStep(
  env: Env,
  name: string,
  turns: number,
  input: Tensor,
  span: Span,
  body: (env: Env, carried: Tensor) => Tensor | undefined,
): Tensor | undefined {
  const { frame, run } = env;
  const base = joinPath(frame.path, uniqueName(frame.names, name));
  const steps: Step[] = [];
  const auxiliary: AuxiliaryRecord[] = [];
  const inside: Frame = {
    ...frame,
    path: `${base}.{${frame.repeats.length}}`,
    names: new Map(),
    repeats: [...frame.repeats, turns],
    steps,
    weightSteps: steps,
    auxiliary,
  };
  const param = { id: run.nextId++, type: typeOf(input) };
  const result = body({ ...env, frame: inside }, { ...input, id: param.id });
  if (!result) return undefined;
  const isSame =
    result.dtype === input.dtype &&
    result.axes.length === input.axes.length &&
    result.axes.every((axis, i) => mayEqual(env, axis.size, input.axes[i]!.size));
  if (!isSame) {
    mistake(
      env,
      'BF3008',
      `what is repeated takes ${shapeText(input)} and gives ${shapeText(result)}`,
      span,
      {
        hint: 'each turn gets the result of the one before, so the shapes must be the same',
      },
    );
    return undefined;
  }
  const id = run.nextId++;
  frame.steps.push({
    kind: 'repeat',
    id,
    path: base,
    count: turns,
    input: input.id,
    param,
    body: { steps, result: result.id },
    emits: emitAll(env, auxiliary, turns),
    span,
  });
  return { ...input, id };
}
