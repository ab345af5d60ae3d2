// Parameters of a model given from outside the language: `--set layers=6`. Text is read as the parameter's type.
import type { Model as ModelItem, Param } from '../ast/ast.ts';
import { constant } from '../shapes/dim.ts';
import type { Env } from './context.ts';
import { didYouMean, mistake, quoted } from './mistake.ts';
import { coerce } from './parameters.ts';
import type { BoundValue, Value } from './value.ts';

/** The arguments by parameter; reported and `undefined` if one does not belong or cannot be read. */
export function modelArguments(
  env: Env,
  model: ModelItem,
  args: Readonly<Record<string, string | number>>,
): Map<string, BoundValue> | undefined {
  const bound = new Map<string, BoundValue>();
  let isFine = true;
  for (const [name, given] of Object.entries(args)) {
    const param = model.params.find((other) => other.name.text === name);
    const { span } = param ?? model.name;
    const value = param && readValue(env, param, String(given));
    if (param && value) {
      const coerced = coerce(env, param, value, span);
      isFine &&= coerced.kind !== 'poison';
      bound.set(name, { value: coerced, span });
      continue;
    }
    isFine = false;
    if (param) {
      mistake(env, 'BF2023', `\`${name}\` cannot be ${JSON.stringify(given)}`, span, {
        hint: `it is declared as \`${span.file.text.slice(param.span.start, param.span.end)}\``,
      });
    } else {
      const names = model.params.map((other) => other.name.text);
      mistake(env, 'BF2020', `\`${model.name.text}\` has no parameter \`${name}\``, span, {
        hint:
          didYouMean(name, names) ??
          (names.length > 0 ? `it has ${quoted(names)}` : 'it has no parameters'),
      });
    }
  }
  return isFine ? bound : undefined;
}

function readValue(env: Env, { type }: Param, text: string): Value | undefined {
  if (type.kind === 'enum') {
    return { kind: 'member', name: text, members: type.members.map((member) => member.text) };
  }
  switch (type.name) {
    case 'dim':
    case 'int':
      return /^-?\d{1,15}$/.test(text) ? { kind: 'size', size: constant(BigInt(text)) } : undefined;
    case 'float': {
      const value = Number(text);
      return text.trim() !== '' && Number.isFinite(value) ? { kind: 'number', value } : undefined;
    }
    case 'bool':
      return text === 'true' || text === 'false'
        ? { kind: 'bool', value: text === 'true' }
        : undefined;
    default:
      return /^[A-Za-z_]\w*$/.test(text)
        ? env.run.evaluate(env, { kind: 'name', text, span: env.scope.module.ast.span })
        : undefined;
  }
}
