// Functions that round: `floor(8 * d / 3)`, `ceil(a / b)`, `round_up(x, 256)` on numbers known now; `floor` on tensors.
import { ceil, constant, type Dim, div, sub } from '../../shapes/dim.ts';
import { unary } from '../emit.ts';
import { mistake } from '../mistake.ts';
import { bounded, opaque, rationalOf, sizeOf } from '../sizes.ts';
import { describe, POISON, type Value } from '../value.ts';
import { wholeNumber } from '../whole-size.ts';
import type { FunctionCall, FunctionTable } from './function.ts';

/** The whole number below a quotient. */
function floorDivide(num: bigint, den: bigint): bigint {
  const quotient = num / den;
  return num % den !== 0n && num < 0n ? quotient - 1n : quotient;
}

function rounding(
  call: FunctionCall,
  exact: (num: bigint, den: bigint) => bigint,
  float: (x: number) => number,
): Value {
  const { env, name, span } = call;
  const { value, span: at } = call.operands[0]!;
  if (value.kind === 'tensor' && name === 'floor') {
    if (value.dtype === 'f32') return unary(env, 'floor', value, span);
    return mistake(env, 'BF3005', `\`floor\` works on f32 tensors; this is ${value.dtype}`, at);
  }
  if (value.kind === 'size') {
    const rational = rationalOf(value.size);
    if (rational) return sizeOf(constant(exact(...rational)));
    const isQuotient = value.size.terms.every(({ powers }) =>
      powers.every(([, power]) => power > 0),
    );
    if (env.run.isGeneric || !isQuotient) return opaque(env, `${name}(${value.size.text})`, span);
    return bounded(env, name === 'ceil' ? ceil(value.size) : floorOf(value.size), span) ?? POISON;
  }
  if (value.kind !== 'number') {
    return mistake(env, 'BF2023', `\`${name}\` rounds numbers, not ${describe(value)}`, at);
  }
  if (value.value === undefined) return opaque(env, `${name}(...)`, span);
  if (!Number.isFinite(value.value)) {
    return mistake(env, 'BF2026', `\`${name}\` of ${value.value}`, at);
  }
  return bounded(env, constant(BigInt(float(value.value))), span) ?? POISON;
}

/** The whole size below a quotient: the next above the largest quotient that is at most one smaller. */
function floorOf(size: Dim): Dim {
  const den = size.terms.reduce((common, term) => common * term.den, 1n);
  const step = div(constant(den - 1n), constant(den));
  return ceil(sub(size, step!));
}

function roundUp({ env, span, operands }: FunctionCall): Value {
  const [x, to] = operands.map(({ value, span: at }) =>
    wholeNumber(env, value, at, 'what `round_up` takes'),
  );
  if (!x || !to) return POISON;
  const [num, step] = [rationalOf(x)?.[0], rationalOf(to)?.[0]];
  if (num === undefined || step === undefined)
    return opaque(env, `round_up(${x.text}, ${to.text})`, span);
  if (step < 1n)
    return mistake(env, 'BF2026', `\`round_up\` to multiples of ${step}`, operands[1]!.span);
  const result: Dim = constant(-floorDivide(-num, step) * step);
  return bounded(env, result, span) ?? POISON;
}

export const SIZES: FunctionTable = {
  floor: {
    usage: 'floor(a / b)',
    operands: [1, 1],
    evaluate: (call) => rounding(call, floorDivide, Math.floor),
  },
  ceil: {
    usage: 'ceil(a / b)',
    operands: [1, 1],
    evaluate: (call) => rounding(call, (num, den) => -floorDivide(-num, den), Math.ceil),
  },
  round_up: { usage: 'round_up(x, multiple)', operands: [2, 2], evaluate: roundUp },
};
