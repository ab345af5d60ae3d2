// What repeats emit: every turn writes its part of one buffer, which no one copies and nothing else overwrites.
import { describe, expect, test } from 'vitest';
import { buildGraph, type GraphBuilder, type Value } from '../../compiler/graph/builder.ts';
import type { Graph } from '../../compiler/graph/graph.ts';
import { runPasses } from '../../compiler/graph/passes/run-passes.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { memoryUse } from '../../compiler/schedule/memory-use.ts';
import { printSchedule } from '../../compiler/schedule/print.ts';
import type { Schedule, ScheduleStep } from '../../compiler/schedule/schedule.ts';
import { schedule } from '../../compiler/schedule/schedule-graph.ts';
import { verifySchedule } from '../../compiler/schedule/verify.ts';
import { dataFor } from '../support/random-graph.ts';
import { runSchedule } from '../support/run-schedule.ts';

const symbols = { b: 2, t: 3 };

const graphOf = (body: (g: GraphBuilder, x: Value) => Record<string, Value>): Graph =>
  buildGraph('emits', { b: {}, t: {} }, (g) => body(g, g.input('x', ['b', 't', 4])));

/** Holds the schedules of a graph, with and without fusion and passes, to the reference; gives the fused one. */
function checked(graph: Graph): Schedule {
  const bindings = { symbols, ...dataFor(1, graph, symbols) };
  const { outputs } = interpret(graph, bindings);
  for (const one of [graph, runPasses(graph)])
    for (const fuse of [true, false]) {
      const scheduled = schedule(one, { fuse });
      verifySchedule(scheduled, one);
      const found = runSchedule(scheduled, bindings);
      for (const [name, { data }] of Object.entries(outputs)) {
        expect(found[name]).toHaveLength(data.length);
        for (const [i, want] of data.entries()) expect(found[name]![i]).toBeCloseTo(want, 9);
      }
    }
  return schedule(runPasses(graph));
}

const COPY = 'a buffer of its own';
const linear = (g: GraphBuilder, x: Value, name: string): Value =>
  g.dot('b t d, d e -> b t e', x, g.weight(name, [4, 4]));

describe('a turn writes its part', () => {
  test('where all turns are, from the regions that compute it', () => {
    const graph = graphOf((g, x) => {
      const { last, turns } = g.emittingRepeat(3, x, (y) => {
        const made = linear(g, y, 'r.{0}.w');
        const mean = g.reduce('sum', made, [0, 1, 2]);
        return { next: g.unary('tanh', made), emits: [made, mean] };
      });
      return { last, made: turns[0]!, mean: turns[1]! };
    });
    const text = printSchedule(checked(graph));
    expect(text).toMatch(/repeat 3 times, v\d+ becomes v\d+, emits v\d+, v\d+\n/);
    expect(text).toContain('4*b*t*{0}');
    expect(text).not.toContain(COPY);
  });

  test('inside of a repeat in a repeat, straight into the buffer of both', () => {
    const graph = graphOf((g, x) => {
      const { last, turns } = g.emittingRepeat(2, x, (y) => {
        const inner = g.emittingRepeat(3, g.unary('tanh', y), (z) => {
          const made = linear(g, z, 'r.{0}.s.{1}.w');
          return { next: g.unary('sin', made), emits: [made] };
        });
        return { next: g.add(inner.last, y), emits: inner.turns };
      });
      return { last, all: turns[0]! };
    });
    const scheduled = checked(graph);
    expect(printSchedule(scheduled)).toContain('12*b*t*{0} + 4*b*t*{1}');
    const emits = (steps: readonly ScheduleStep[]): number[] =>
      steps.flatMap((step) =>
        step.kind === 'repeat' ? [step.emits.length, ...emits(step.steps)] : [],
      );
    expect(emits(scheduled.steps)).toEqual([1, 0]);
  });

  test('that is read again in the body, by another region and by a repeat in it', () => {
    checked(
      graphOf((g, x) => {
        const { last, turns } = g.emittingRepeat(2, x, (y) => {
          const made = linear(g, y, 'r.{0}.w');
          const again = g.repeat(2, g.unary('tanh', made), (z) =>
            g.add(linear(g, z, 'r.{0}.s.{1}.w'), made),
          );
          return { next: g.sub(again, made), emits: [made] };
        });
        return { last, all: turns[0]! };
      }),
    );
  });
});

describe('a copy gives each turn', () => {
  test.each<[string, (g: GraphBuilder, y: Value, x: Value, next: Value) => Value[]]>([
    ['what it is given', (_, y) => [y]],
    ['what the next one begins with', (_g, _y, _x, next) => [next]],
    ['what is the same in all of them', (g, _, x) => [g.reduce('sum', g.unary('exp', x), [2])]],
    ['an input', (_g, _y, x) => [x]],
    ['a constant', (g, y) => [g.like(g.const(2), y), g.const(3)]],
    ['one value twice', (g, y) => Array<Value>(2).fill(g.unary('exp', y))],
    ['whole numbers and truth values', (g, y) => [g.binary('lt', y, 0), g.iota('t')]],
    ['views', (g, y, _, next) => [g.transpose(y, [2, 0, 1]), g.reshape(next, ['b', 't', 2, 2])]],
  ])('%s', (_, emit) => {
    const graph = graphOf((g, x) => {
      const { last, turns } = g.emittingRepeat(3, x, (y) => {
        const next = g.unary('tanh', linear(g, y, 'r.{0}.w'));
        return { next, emits: emit(g, y, x, next) };
      });
      return { last, ...Object.fromEntries(turns.map((all, i) => [`all${i}`, all])) };
    });
    checked(graph);
  });

  test('where the body gives back what it takes', () => {
    checked(
      graphOf((g, x) => {
        const { last, turns } = g.emittingRepeat(2, x, (y) => ({ next: y, emits: [g.mul(y, 2)] }));
        return { last, all: turns[0]! };
      }),
    );
  });

  test('of what an inner repeat emits, where that is emitted twice or is the same in all turns', () => {
    checked(
      graphOf((g, x) => {
        const { last, turns } = g.emittingRepeat(2, x, (y) => {
          const inner = g.emittingRepeat(2, y, (z) => ({
            next: g.unary('tanh', z),
            emits: [g.unary('sin', z)],
          }));
          const same = g.emittingRepeat(2, x, (z) => ({
            next: g.unary('tanh', z),
            emits: [g.unary('cos', z)],
          }));
          const [sin] = inner.turns;
          return { next: inner.last, emits: [sin!, sin!, same.turns[0]!] };
        });
        return { last, a: turns[0]!, b: turns[1]!, c: turns[2]! };
      }),
    );
  });
});

describe('all turns', () => {
  const scheduled = checked(
    graphOf((g, x) => {
      const first = g.emittingRepeat(4, x, (y) => ({
        next: g.unary('tanh', linear(g, y, 'r.{0}.w')),
        emits: [g.reduce('sum', y, [2])],
      }));
      // Carried through a second repeat, which overwrites them.
      const summed = g.repeat(2, first.turns[0]!, (all) => g.add(g.mul(all, 0.5), 1));
      const both = g.reduce('sum', summed, [0]);
      return { y: g.add(first.last, g.like(both, first.last, [0, 1])) };
    }),
  );

  test('can be carried by a later repeat', () => {
    expect(printSchedule(scheduled)).toMatch(/emits v\d+\n/);
  });

  test('stay while other values come and go: a schedule in which they do not is refused', () => {
    const graph = graphOf((g, x) => {
      const { turns } = g.emittingRepeat(2, x, (y) => {
        const made = linear(g, y, 'r.{0}.w');
        const more = linear(g, g.unary('tanh', made), 'r.{0}.v');
        return { next: linear(g, g.unary('sin', more), 'r.{0}.u'), emits: [made] };
      });
      return { all: turns[0]! };
    });
    const right = schedule(graph);
    const emitted = right.steps.flatMap((step) => (step.kind === 'repeat' ? step.emits : []))[0]!;
    verifySchedule(right, graph);
    let refused = 0;
    for (const { id, slot } of right.values) {
      if (id === emitted) continue;
      const values = right.values.map((value) =>
        value.id === emitted ? { ...value, slot } : value,
      );
      const slots = right.slots.map((one) =>
        one.id === slot ? { ...one, values: [...one.values, emitted] } : one,
      );
      expect(() => verifySchedule({ ...right, values, slots }, graph)).toThrow();
      refused++;
    }
    expect(refused).toBeGreaterThan(2);
  });

  test('count once in the bytes that are written, and at the layer that computes them', () => {
    const graph = graphOf((g, x) => {
      const { last, turns } = g.emittingRepeat(2, x, (y) => {
        const inner = g.emittingRepeat(3, y, (z) => ({
          next: g.unary('tanh', z),
          emits: [g.at('r.{0}.s.{1}.f', 'f', () => g.reduce('sum', g.unary('exp', z), [0, 1, 2]))],
        }));
        return { next: inner.last, emits: inner.turns };
      });
      return { last, all: turns[0]! };
    });
    const { written } = memoryUse(graph, schedule(graph), symbols);
    expect(written.get('r.{0}.s.{1}.f')).toBe(BigInt(2 * 3 * 4));
  });
});
