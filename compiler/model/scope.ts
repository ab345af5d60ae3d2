// What a name means: innermost first the names of the body, the file's items and imports, the model's settings, the
// functions of the language. Sees recursion: a name that leads into one of the declarations it is written in.
import type { Item } from '../ast/ast.ts';
import type { Definition } from '../modules.ts';
import type { Span } from '../source.ts';
import { FUNCTION_NAMES, LAYER_FUNCTIONS } from './builtins/names.ts';
import type { Binding, Env, Scope } from './context.ts';
import { didYouMean, mistake } from './mistake.ts';
import { type Lineage, POISON, type Value } from './value.ts';

/** Gives a name a meaning in this scope; a second one is a mistake. */
export function declare(env: Env, name: string, value: Value, span: Span, origin?: Span): void {
  const first = env.scope.names.get(name);
  if (first) {
    mistake(env, 'BF2010', `\`${name}\` is declared twice`, span, {
      related: [{ span: first.span, message: 'first declared here' }],
    });
    return;
  }
  env.scope.names.set(name, { value, span, ...(origin && { origin }) });
}

/** The binding of a name in bodies, without files and functions. */
export function findLocal(scope: Scope, name: string): Binding | undefined {
  for (let at: Scope | undefined = scope; at; at = at.outer) {
    const binding = at.names.get(name);
    if (binding) return binding;
  }
  return undefined;
}

/**
 * What a name means here; unknown names are reported. Where only a layer makes sense, a size does not hide the file's
 * layer of the same name: a block `b` can be a stage of a model on `[b, t, d]`.
 */
export function lookUp(env: Env, name: string, span: Span, wanted?: 'layer'): Value {
  const local = findLocal(env.scope, name);
  const { scope: items } = env.scope.module;
  const isHidden = wanted === 'layer' && local?.value.kind === 'size' && items.has(name);
  if (local && !isHidden) return local.value;
  if (items.has(name)) {
    const definition = items.get(name);
    return definition ? layerOf(env, definition, span) : POISON;
  }
  const setting = env.run.settings.get(name);
  if (setting) return { kind: 'size', size: setting.size };
  const tokens = name === TOKENS && env.run.inputs.get(TOKENS);
  if (tokens) return tokens;
  if (LAYER_FUNCTIONS.has(name)) {
    return {
      kind: 'layer',
      source: { kind: 'function', name },
      args: new Map(),
      isConfigured: true,
    };
  }
  return unknownName(env, name, span);
}

/** The input of a language model, seen by every layer as the settings are. */
const TOKENS = 'tokens';

function unknownName(env: Env, name: string, span: Span): Value {
  if (name === TOKENS) {
    return mistake(env, 'BF2015', 'the model has no input `tokens`', span, {
      hint: 'a model without inputs of its own takes tokens',
    });
  }
  if (name === 'vocab' || name === 'context') {
    return mistake(env, 'BF2015', `the model does not set \`${name}\``, span, {
      hint: `add \`${name}: ...\` to the model`,
    });
  }
  if (FUNCTION_NAMES.includes(name)) {
    return mistake(env, 'BF2032', `\`${name}\` is a function: it must be called`, span);
  }
  const file = env.run.program.stdNames().get(name);
  const hint = file
    ? `add \`use std.{${name}}\` at the top of the file`
    : (didYouMean(name, namesInSight(env)) ?? stdHint(env, name));
  return mistake(env, 'BF2011', `nothing is called \`${name}\` here`, span, { hint });
}

function stdHint(env: Env, name: string): string | undefined {
  const hint = didYouMean(name, env.run.program.stdNames().keys());
  return hint && `${hint} It is in the standard library: \`use std.{...}\``;
}

/** Whether a name means anything here. */
export const isKnown = (env: Env, name: string): boolean =>
  findLocal(env.scope, name) !== undefined ||
  env.scope.module.scope.has(name) ||
  env.run.settings.has(name) ||
  FUNCTION_NAMES.includes(name);

/** Every name that could have been meant. */
export function namesInSight(env: Env): string[] {
  const names: string[] = [];
  for (let at: Scope | undefined = env.scope; at; at = at.outer) names.push(...at.names.keys());
  return [
    ...names,
    ...env.scope.module.scope.keys(),
    ...env.run.settings.keys(),
    ...FUNCTION_NAMES,
  ];
}

/** A layer, block or order that was named, not configured yet; recursion is reported where it closes. */
export function layerOf(env: Env, { item, module }: Definition, span: Span): Value {
  if (item.kind === 'model') {
    return mistake(env, 'BF2030', `\`${item.name.text}\` is a model, not a layer`, span, {
      related: [{ span: item.name.span, message: 'declared here' }],
    });
  }
  const outer = env.scope.lineage;
  const cycle = cycleTo(item, outer);
  if (cycle) return reportCycle(env, cycle, span);
  const lineage: Lineage = { item, outer };
  if (item.kind === 'order') return { kind: 'order', item, module, lineage };
  return {
    kind: 'layer',
    source: { kind: 'item', item, module, lineage },
    args: new Map(),
    isConfigured: false,
  };
}

/** The declarations from the item down to where we are, if we are inside of it. */
function cycleTo(item: Item, from: Lineage | undefined): Item[] | undefined {
  const cycle: Item[] = [];
  for (let at = from; at; at = at.outer) {
    cycle.unshift(at.item);
    if (at.item === item) return cycle;
  }
  return undefined;
}

/** Begins the chain with the declaration that stands first, so that a cycle is one mistake wherever it is entered. */
function reportCycle(env: Env, cycle: readonly Item[], span: Span): Value {
  const place = ({ name }: Item): string =>
    `${name.span.file.path} ${String(name.span.start).padStart(9, '0')}`;
  const first = cycle.reduce((a, b) => (place(b) < place(a) ? b : a));
  const at = cycle.indexOf(first);
  const chain = [...cycle.slice(at), ...cycle.slice(0, at), first];
  const names = chain.map((item) => item.name.text).join(' -> ');
  return mistake(
    env,
    'BF2040',
    `\`${first.name.text}\` contains itself: ${names}`,
    first.name.span,
    {
      related: [{ span, message: 'the cycle closes here' }],
    },
  );
}
