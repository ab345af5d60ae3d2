// Random mixtures of experts as bform source, with their data: every router, gate, affinity, capacity and balance of the
// standard library, experts of several kinds, one token and many, experts without tokens and with all of them.
// Tokens and router weights are small multiples of a step, so that scores are exact in float32 and float64 alike and both
// choose the same experts; a coarse step makes many scores equal.
import { type Analysis, analyze } from '../../compiler/compile.ts';
import { renderDiagnostics } from '../../compiler/diagnostics/render.ts';
import { randomStream } from '../../runtime/random.ts';
import { type Dice, dice } from './dice.ts';
import { dataFor, type RandomProgram } from './random-graph.ts';
import { sources } from './sources.ts';

/** What a random mixture is made of, for counting that everything occurs. */
export interface RandomMixture extends Omit<RandomProgram, 'seed'> {
  readonly source: string;
  readonly route: string;
  readonly expert: string;
  /** The distance between neighbouring values of tokens and router weights. */
  readonly step: number;
}

const DECLARATIONS = `use std.{
  embed, expert_choice, expert_threshold, ffn, gated_ffn, gelu_tanh, hashed, layer_norm, linear, moe, pre_norm, relu, rms_norm,
  shared_moe, silu, top_k
}
block wrapped(h: dim) { pre_norm(rms_norm): ffn(hidden: h, act: relu) }
layer low_rank(rank: dim) (x: [.., d]) -> [.., d] {
  weight u: [d, rank] = normal(std: 0.5)
  weight v: [rank, d] = normal(std: 0.5)
  weight s: [d] = ones
  s * (x @ u @ v) + where(x > 0, s, x)
}
`;

const EXPERTS = [2, 3, 4, 8];
const WIDTHS = [4, 6, 8];

export function randomMixture(seed: number): RandomMixture {
  const rolls = dice(seed, 'mixture');
  const experts = rolls.pick(EXPERTS);
  const d = rolls.pick(WIDTHS);
  const step = rolls.chance(0.5) ? 1 / 2 : 1 / 64;
  const route = routeOf(rolls, experts);
  const expert = expertOf(rolls, d);
  const layer = rolls.chance(0.15)
    ? `shared_moe(linear(${d}), ${expert}, experts: ${experts}, route: ${route})`
    : `moe(${expert}, experts: ${experts}, route: ${route})`;
  const head = route === 'hashed' ? 'model m' : `model m (x: [b, t, ${d}]) -> y`;
  const stages = route === 'hashed' ? `vocab: 97 embed(${d}) -> ${layer}` : layer;
  const source = `${DECLARATIONS}${head} { ${stages} }`;
  const symbols = { b: rolls.int(1, 3), t: rolls.pick([1, 1, 2, 3, 5, 9, 17, 33, 70]) };
  const { graph } = analyzed(source);
  const data = dataFor(seed, graph, symbols);
  const random = randomStream(seed, 'steps');
  const coarse = (values: Float32Array): Float32Array =>
    values.map(() => step * Math.round((2 * random.uniform() - 1) / step));
  const inputs = {
    ...data.inputs,
    ...(data.inputs.x && { x: coarse(data.inputs.x as Float32Array) }),
  };
  const router = Object.entries(data.weights).find(([name]) => name.endsWith('.router.w'));
  const weights = { ...data.weights, ...(router && { [router[0]]: coarse(router[1]) }) };
  return { source, route, expert, step, graph, symbols, inputs, weights };
}

function analyzed(source: string): Analysis {
  const reader = sources({ 'm.bform': source });
  const { result, diagnostics } = analyze('m.bform', reader, { auxiliary: true });
  if (!result) throw new Error(renderDiagnostics(diagnostics, { color: false }));
  return result;
}

function routeOf(rolls: Dice, experts: number): string {
  const kind = rolls.int(0, 9);
  if (kind === 0) return 'hashed';
  const factor = (most: number): string =>
    Math.min(most, rolls.pick([0.25, 0.5, 1, 1.25, 2])).toFixed(3);
  if (kind <= 2) {
    return `expert_choice(${factor(experts)}${rolls.chance(0.4) ? ', over: position' : ''})`;
  }
  const k = rolls.int(1, Math.min(3, experts));
  if (kind === 3) return `expert_threshold(${k})`;
  const options = [
    `gates: ${rolls.pick(['renormalised', 'raw', 'chosen_softmax'])}`,
    `affinity: ${rolls.pick(['softmax', 'softmax', 'sigmoid'])}`,
    `balance: ${rolls.pick(['switch', 'gshard', 'deepseek'])}`,
    ...(rolls.chance(0.5) ? [`capacity_factor: ${factor(experts)}`] : []),
    ...(rolls.chance(0.3) ? ['capacity_of: choices'] : []),
    ...(rolls.chance(0.2) ? ['balance_bias: true'] : []),
    ...(rolls.chance(0.3) ? ['z_weight: 0.1'] : []),
    ...(rolls.chance(0.2) ? ['scale: 2.5'] : []),
  ];
  return `top_k(${k}, ${options.join(', ')})`;
}

function expertOf(rolls: Dice, d: number): string {
  const hidden = rolls.pick([3, 8]);
  return rolls.pick([
    `linear(${d})`,
    `ffn(hidden: ${hidden}, act: relu)`,
    `ffn(hidden: ${hidden}, act: gelu_tanh, bias: true)`,
    `gated_ffn(hidden: ${hidden}, act: silu)`,
    `wrapped(${hidden})`,
    `low_rank(${hidden})`,
  ]);
}
