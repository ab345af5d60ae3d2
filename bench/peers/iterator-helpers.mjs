// Iterator helpers, which jax-js uses and Node has from 22 on.
const prototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

const helpers = {
  *map(f) {
    let at = 0;
    for (const value of this) yield f(value, at++);
  },
  *filter(f) {
    let at = 0;
    for (const value of this) if (f(value, at++)) yield value;
  },
  *flatMap(f) {
    let at = 0;
    for (const value of this) yield* f(value, at++);
  },
  *take(count) {
    let left = count;
    if (left > 0)
      for (const value of this) {
        yield value;
        if (--left <= 0) return;
      }
  },
  *drop(count) {
    let left = count;
    for (const value of this) if (left-- <= 0) yield value;
  },
  toArray() {
    return [...this];
  },
  forEach(f) {
    let at = 0;
    for (const value of this) f(value, at++);
  },
  reduce(f, ...first) {
    return [...this].reduce(f, ...first);
  },
  some(f) {
    for (const value of this) if (f(value)) return true;
    return false;
  },
  every(f) {
    for (const value of this) if (!f(value)) return false;
    return true;
  },
  find(f) {
    for (const value of this) if (f(value)) return value;
    return undefined;
  },
};

for (const [name, value] of Object.entries(helpers))
  if (!prototype[name])
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
