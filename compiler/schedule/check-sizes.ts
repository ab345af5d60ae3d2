// Finds inputs and values that exceed what one binding covers even at the smallest sizes: no run could compute them.
import type { Report } from '../diagnostics/diagnostic.ts';
import { evaluate, product } from '../shapes/dim.ts';
import type { Work } from './place-values.ts';
import { refuse } from './refuse.ts';

export function checkSizes(
  { program, values }: Work,
  maxBindingBytes: number,
  report?: Report,
): void {
  const { graph } = program;
  const minima = Object.fromEntries(graph.symbols.map(({ name, min }) => [name, min]));
  const inputs = graph.inputs.map(({ name, type, span }) => ({ name, shape: type.shape, span }));
  const made = values.map(({ shape, node }) => {
    const origin = program.node(node)?.origin;
    return { name: origin?.path || graph.name, shape, span: origin?.span };
  });
  for (const { name, shape, span } of [...inputs, ...made]) {
    const bytes = 4n * evaluate(product(shape), minima);
    if (bytes <= BigInt(maxBindingBytes)) continue;
    const sizes = shape.map((size) => size.text).join(', ');
    const message = `a tensor [${sizes}] of \`${name}\` takes at least ${bytes.toLocaleString('en')} bytes, a device binds at most ${maxBindingBytes.toLocaleString('en')}`;
    refuse(graph, report, 'BF4002', span, message);
  }
}
