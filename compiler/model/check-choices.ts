// A model with causal attention promises that no position depends on later ones. Choosing the largest along an axis that
// holds several positions of a sequence breaks that, which is worth a warning: it may be meant, in an encoder or a study.
import { atomsOf } from '../shapes/dim.ts';
import type { Run } from './context.ts';
import { warn } from './mistake.ts';

/** Warns of each choice that looks ahead; a place in the source is named once. */
export function checkChoices({ choices, causal }: Run): void {
  const seen = new Set<string>();
  for (const { env, span, along } of choices) {
    const key = `${span.file.path} ${span.start}`;
    const sequence = atomsOf(along).find((symbol) => causal.has(symbol));
    if (sequence === undefined || seen.has(key)) continue;
    seen.add(key);
    warn(
      env,
      'BF2060',
      `this looks ahead: it chooses among ${along.text} tokens, those after a token in its sequence too, which attention does not see`,
      span,
      {
        hint: 'a token then depends on those after it: choose among tokens of other sequences, `expert_choice(over: position)`, or by one token alone, `expert_threshold` or `top_k(2)`',
      },
    );
  }
}
