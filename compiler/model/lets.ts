// The `let`s of blocks and models. Each is looked at even where an earlier one is mistaken.
import type { Let } from '../ast/ast.ts';
import type { Env } from './context.ts';
import { declare } from './scope.ts';

/** Names values; a layer is known by the name from here on. */
export function declareLets(env: Env, lets: readonly Let[]): void {
  for (const { name, value: expr } of lets) {
    const value = env.run.evaluate(env, expr);
    const named = value.kind === 'layer' && !value.home ? { ...value, name: name.text } : value;
    declare(env, name.text, named, name.span);
  }
}
