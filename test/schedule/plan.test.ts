// Memory and packs: what a schedule promises about buffers before any of them exists.
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { buildGraph } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { peakBytes } from '../../compiler/schedule/plan-slots.ts';
import { printSchedule } from '../../compiler/schedule/print.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { verifySchedule } from '../../compiler/schedule/verify.ts';
import { llamaGraph } from '../support/decoder-graph.ts';

const decoder = (layers: number): Graph =>
  llamaGraph({ vocab: 50, context: 32, layers, d: 32, heads: 4, kvHeads: 2, hidden: 96 });

/** A chain of sums: each value is dead once the next is there. */
function chain(length: number): Graph {
  return buildGraph('chain', { b: {} }, (g) => {
    let x = g.input('x', ['b', 16]);
    for (let i = 0; i < length; i++) {
      x = g.dot('b d, d n -> b n', x, g.weight(`w${i}`, [16, 16]));
    }
    return { x };
  });
}

describe('slots', () => {
  test('of a chain are two, however long it is', () => {
    expect(schedule(chain(3)).slots.length).toBe(2);
    expect(schedule(chain(30)).slots.length).toBe(2);
  });

  test('take the bytes of their largest values, in whole 16 bytes', () => {
    const scheduled = schedule(chain(5));
    expect(peakBytes(scheduled, { b: 1 })).toBe(2 * 64);
    expect(peakBytes(scheduled, { b: 3 })).toBe(2 * 192);
    const odd = buildGraph('odd', { b: {} }, (g) => ({ y: g.mul(g.input('x', ['b', 5]), 2) }));
    expect(peakBytes(schedule(odd), { b: 1 })).toBe(32);
  });

  test('do not grow with the number of layers', () => {
    const [few, many] = [schedule(decoder(2)), schedule(decoder(40))];
    expect(peakBytes(many, { b: 2, t: 16 })).toBe(peakBytes(few, { b: 2, t: 16 }));
  });

  test('of a carried value that is still read when its next is written are two, which change roles', () => {
    const graph = buildGraph('late', { b: {} }, (g) => {
      const y = g.repeat(3, g.input('x', ['b', 8]), (x) =>
        g.add(x, g.dot('b d, d n -> b n', x, g.weight('{0}.w', [8, 8]))),
      );
      return { y };
    });
    const scheduled = schedule(graph);
    verifySchedule(scheduled, graph);
    const repeat = scheduled.steps.find((step) => step.kind === 'repeat');
    if (repeat?.kind !== 'repeat') throw new Error('no repeat');
    const slots = [repeat.carry.param, repeat.carry.result].map((id) => scheduled.values[id]!.slot);
    expect(new Set(slots).size).toBe(2);
    for (const slot of slots) expect(scheduled.slots[slot]!.values.length).toBe(1);
  });
});

describe('packs', () => {
  test('hold the weights of one repeat together and each weight once, at aligned offsets', () => {
    const { packs } = schedule(decoder(3));
    expect(packs.map((pack) => pack.repeats)).toEqual([[], [3]]);
    const names = packs.flatMap((pack) => pack.weights.map((weight) => weight.name));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name === 'embed.table')).toEqual(['embed.table']);
    for (const { weights } of packs) {
      for (const { offset } of weights) expect(offset % 64).toBe(0);
    }
  });

  test('are split where they would not fit a binding', () => {
    const { packs } = schedule(chain(6), { maxBindingBytes: 2 * 1024 });
    expect(packs.map((pack) => pack.weights.length)).toEqual([2, 2, 2]);
  });
});

describe('limits', () => {
  const refused = (graph: Graph, maxBindingBytes: number): Diagnostic[] => {
    const found: Diagnostic[] = [];
    schedule(graph, { maxBindingBytes }, (diagnostic) => found.push(diagnostic));
    return found;
  };

  test('a weight that no binding holds is refused by name', () => {
    const found = refused(chain(2), 1000);
    expect(found.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'BF4001 weight `w0` [16, 16] takes 1,024 bytes, a device binds at most 1,000',
      'BF4001 weight `w1` [16, 16] takes 1,024 bytes, a device binds at most 1,000',
    ]);
  });

  test('a tensor that no binding holds at the smallest sizes is refused', () => {
    const graph = buildGraph('big', { b: { min: 2 } }, (g) => {
      const x = g.input('x', ['b', 8]);
      return { y: g.like(g.mul(g.reduce('sum', x, [1]), 2), g.input('z', ['b', 8]), [0]) };
    });
    expect(refused(graph, 63).map(({ code }) => code)).toContain('BF4002');
    expect(refused(graph, 64)).toEqual([]);
  });
});

test('a schedule prints the same each time, with its loops, stores and reasons', () => {
  const text = printSchedule(schedule(decoder(2)));
  expect(printSchedule(schedule(decoder(2)))).toBe(text);
  expect(text).toContain('repeat 2 times');
  expect(text).toContain('- products of one left operand are computed side by side');
  expect(text).toMatch(/keys i3 from 0 to \(i2 \+ 1\)/);
});
