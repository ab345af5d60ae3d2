// Any stage of the compiler as JSON for `bform print`: sizes as their text, places in the source left out.
// Equal stages give equal text.

const OMITTED = new Set(['span', 'file', 'source']);

/** Data that JSON can hold. */
export function plainData(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainData);
  if (value instanceof Map) return [...value].map(plainData);
  if (isDim(value)) return value.text;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !OMITTED.has(key))
      .map(([key, inner]) => [key, plainData(inner)]),
  );
}

const isDim = (value: object): value is { text: string } => 'terms' in value && 'text' in value;
