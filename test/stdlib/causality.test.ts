// Does an earlier position depend on a later token? Expert choice leaks; the warning says so, and each remedy closes it.
import { expect, it } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { weightData } from '../support/random-graph.ts';
import { sources } from '../support/sources.ts';

const [B, T, VOCAB] = [3, 8, 16];

const modelOf = (route: string, mask = 'causal') => `
use std.{attention, bidirectional, causal, embed, expert_choice, expert_threshold, ffn, moe, pre_norm, rms_norm, top_k, unembed}
block b {
  let a = attention(heads: 2, mask: ${mask})
  let g = moe(ffn(hidden: 8), experts: 4, route: ${route})
  pre_norm(rms_norm): a g a
}
model m { vocab: ${VOCAB} embed(8) -> b * 2 -> unembed }`;

/** The warning's hint where there is one, and the positions before the last whose logits move with the last token. */
function look(code: string) {
  const { result, diagnostics } = analyze('m.bform', sources({ 'm.bform': code }));
  const weights = weightData(1, result!.graph);
  const logits = (last: number): Float64Array => {
    const tokens = Array.from({ length: B * T }, (_, at) => (at * 7 + 3) % VOCAB);
    tokens[T - 1] = last;
    const bindings = { symbols: { b: B, t: T }, inputs: { tokens }, weights };
    return interpret(result!.graph, bindings).outputs.logits!.data;
  };
  const base = logits(0);
  const moved = new Set<number>();
  for (let token = 1; token < VOCAB; token++) {
    logits(token).forEach((value, at) => {
      const position = Math.floor(at / VOCAB);
      if (position < T - 1 && Math.abs(value - base[at]!) > 1e-9) moved.add(position);
    });
  }
  return { warnings: diagnostics.map(({ code, severity }) => `${severity} ${code}`), moved };
}

it('expert choice leaks later tokens into earlier positions, and is warned of', () => {
  const { warnings, moved } = look(modelOf('expert_choice(1.0)'));
  expect(moved.size).toBeGreaterThan(0);
  expect(warnings).toEqual(['warning BF2060']);
});

it.each(['expert_choice(1.0, over: position)', 'expert_threshold', 'top_k(2)'])(
  '%s does not',
  (route) => {
    const { warnings, moved } = look(modelOf(route));
    expect([...moved]).toEqual([]);
    expect(warnings).toEqual([]);
  },
);

it('is not warned of where attention sees later tokens anyway', () => {
  const { warnings, moved } = look(modelOf('expert_choice(1.0)', 'bidirectional'));
  expect(moved.size).toBe(T - 1);
  expect(warnings).toEqual([]);
});

it('is said once, with the remedies in its hint', () => {
  const code = modelOf('expert_choice').replace('a g a', 'a g g g');
  const { diagnostics } = analyze('m.bform', sources({ 'm.bform': code }));
  expect(diagnostics).toHaveLength(1);
  expect(diagnostics[0]!.hint).toMatch(/over: position.*expert_threshold.*top_k/);
  expect(diagnostics[0]!.span.file.path).toBe('m.bform');
});
