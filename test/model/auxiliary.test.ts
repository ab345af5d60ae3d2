// `loss` and `measure`: what layers declare becomes outputs, named as weights are, with an axis for each repeat around.
import { describe, expect, it } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import { printGraph } from '../../compiler/graph/print.ts';
import { verifyGraph } from '../../compiler/graph/verify.ts';
import { printModel } from '../../compiler/model/print.ts';
import { typeText } from '../../compiler/ops/type-text.ts';
import { interpret } from '../../compiler/reference/interpret.ts';
import { sources } from '../support/sources.ts';
import { bodyMessages, messages } from './diagnose.ts';

function analyzed(code: string, auxiliary = true) {
  const { result, diagnostics } = analyze('m.bform', sources({ 'm.bform': code }), { auxiliary });
  expect(diagnostics).toEqual([]);
  verifyGraph(result!.graph);
  return result!;
}

const outputs = (code: string): string[] =>
  analyzed(code).model.outputs.map(({ name, kind, type }) => `${kind} ${name}: ${typeText(type)}`);

const parts = `
layer f (x: [b, t, d]) -> [b, t, d] {
  weight w: [d] = ones
  let y = x * w
  loss size = mean(y * y, axis: [b, t, d])
  measure most = max(y, axis: d)
  y + size
}
layer watch(sub: layer) (x: [b, t, d]) -> [b, t, d] { measure before = x  sub(x) }
layer all(subs: layers) (x: [b, t, d]) -> [b, t, d] { loss total = sum(x, axis: [b, t, d])  subs(x) }
layer just(sub: layer) (x: [b, t, d]) -> [b, t, d] { sub(x) }
`;
const model = (rows: string, times = ''): string =>
  `${parts} block k { let a = f ${rows} }\nmodel m (x: [b, t, 4]) -> y { k${times} }`;

describe('an output is named', () => {
  it('by the path of its layer, each occurrence on its own', () => {
    expect(outputs(model('just: a f a'))).toEqual([
      'result y: f32[b, t, 4]',
      'loss k.a.size: f32[]',
      'measure k.a.most: f32[b, t]',
      'loss k.f.size: f32[]',
      'measure k.f.most: f32[b, t]',
      'loss k.a_2.size: f32[]',
      'measure k.a_2.most: f32[b, t]',
    ]);
  });

  it('in a wiring by the sub-layer and its own name, in one of the whole row by its own', () => {
    expect(
      outputs(model('watch: a a  all: f')).filter((line) => /before|total/.test(line)),
    ).toEqual([
      'measure k.a_before: f32[b, t, 4]',
      'measure k.a_2_before: f32[b, t, 4]',
      'loss k.total: f32[]',
    ]);
  });

  it('inside of repeats with the turn, and has an axis of turns for each, outermost first', () => {
    expect(outputs(model('just: a (f) * 3', ' * 2'))).toEqual([
      'result y: f32[b, t, 4]',
      'loss blocks.{0}.a.size: f32[2]',
      'measure blocks.{0}.a.most: f32[2, b, t]',
      'loss blocks.{0}.rep.{1}.f.size: f32[2, 3]',
      'measure blocks.{0}.rep.{1}.f.most: f32[2, 3, b, t]',
    ]);
  });

  it('on the chosen side of an `if` only', () => {
    const layer = (how: string): string =>
      `layer h(how: {one, two} = ${how}) (x: [b, t, d]) -> [b, t, d] {
        if how == one { loss l = 1.5  x } else { measure m = x  x }
      }
      model m (x: [b, t, 4]) -> y { h }`;
    expect(outputs(layer('one'))[1]).toBe('loss h.l: f32[]');
    expect(outputs(layer('two'))[1]).toBe('measure h.m: f32[b, t, 4]');
  });

  it('by words that are names elsewhere', () => {
    const code = `
    layer loss(measure: dim) (x: [b, t, d]) -> [b, t, d] {
      let loss = x * measure
      loss measure_2 = sum(loss, axis: [b, t, d])
      measure loss_2 = where(loss > 0,
        loss, 0)
      loss
    }
    layer measure (x: [b, t, d]) -> [b, t, d] { measure loss = x  loss }
    block k { just: loss(2) measure loss(3)  just: measure
      measure }
    layer just(sub: layer) (x: [b, t, d]) -> [b, t, d] { sub(x) }
    model m (x: [b, t, 4]) -> loss { k }`;
    expect(outputs(code)).toEqual([
      'result loss: f32[b, t, 4]',
      'loss k.loss.measure_2: f32[]',
      'measure k.loss.loss_2: f32[b, t, 4]',
      'measure k.measure.loss: f32[b, t, 4]',
      'loss k.loss_2.measure_2: f32[]',
      'measure k.loss_2.loss_2: f32[b, t, 4]',
      'measure k.measure_2.loss: f32[b, t, 4]',
      'measure k.measure_3.loss: f32[b, t, 4]',
    ]);
  });
});

describe('a mistake is', () => {
  it.each([
    ['a loss with axes', 'loss l = x  x', 'BF3004 a loss is one f32 number, and `l` is [b, t, d'],
    ['a loss of whole numbers', 'loss l = sum(iota(d), axis: d)  x', 'BF3005 a loss is one f32'],
    [
      'a loss that is a layer',
      'loss l = tanh  x',
      'BF2023 a loss is a number, and `l` is the layer',
    ],
    ['a measured condition', 'measure c = x > 0  x', 'BF3005 a measured value is of numbers'],
    ['a measured text', 'measure c = "x"  x', 'BF2023 a measured value is a tensor'],
    ['a name twice', 'let l = 1  loss l = 2  x', 'BF2010 `l` is declared twice'],
    [
      'a name of a weight',
      'weight w: [d] = ones  measure w = x  x',
      'BF2010 `w` is declared twice',
    ],
  ])('%s', (_, body, message) => {
    const found = bodyMessages(body);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('an output of a mask or score, also of a layer in it', () => {
    const layers = (score: string): string => `use std.{attention}
      layer s (s: [], b: i32[], h: i32[], i: i32[], j: i32[]) -> [] { ${score} }
      layer inner (x: []) -> [] { loss l = x  x }
      model m (x: [b, t, 8]) -> y { attention(heads: 2, score: s) }`;
    const [direct] = messages(layers('measure m = s  s'));
    expect(direct).toContain('BF2036 `s` is computed for each pair of positions, so it has no');
    const [nested] = messages(layers('inner(s)'));
    expect(nested).toContain('BF2036 `inner` is computed for each pair');
  });

  it('seen in layers that nothing uses, and not where `..` may be no axis', () => {
    const unused = (body: string): string[] =>
      messages(`layer h (x: [.., d]) -> [.., d] { ${body} }`);
    expect(unused('loss l = x  x')[0]).toContain('BF3004');
    expect(unused('loss l = sum(x, axis: d)  x')).toEqual([]);
    expect(unused('measure l = x == 0  x')[0]).toContain('BF3005');
  });
});

describe('the graph', () => {
  const code = model('just: a (f) * 3', ' * 2');

  it('has only the result unless it is asked for more, and then computes nothing for the rest', () => {
    const { graph } = analyzed(code, false);
    expect(graph.outputs).toMatchObject([{ name: 'y', kind: 'result' }]);
    const text = printGraph(graph);
    expect(text).not.toContain('turns');
    expect(text).not.toContain('reduce[max');
  });

  it('computes all of them with the turns as axes', () => {
    const { graph } = analyzed(code);
    expect(graph.outputs.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'result y',
      'loss blocks.*.a.size',
      'measure blocks.*.a.most',
      'loss blocks.*.rep.*.f.size',
      'measure blocks.*.rep.*.f.most',
    ]);
    const weights = Object.fromEntries(
      [0, 1].flatMap((i) => [
        [`blocks.${i}.a.w`, [1, 2, 3, 4]],
        ...[0, 1, 2].map((j) => [`blocks.${i}.rep.${j}.f.w`, [1, 1, 1, 1 + j]]),
      ]),
    );
    const { outputs } = interpret(graph, {
      symbols: { b: 1, t: 1 },
      inputs: { x: [1, 1, 1, 1] },
      weights,
    });
    const turn = (x: number[], w: number[]) => {
      const y = x.map((value, i) => value * w[i]!);
      const size = y.reduce((sum, v) => sum + v * v, 0) / 4;
      return { size, most: Math.max(...y), next: y.map((v) => v + size) };
    };
    const expected = {
      a: [] as number[],
      most: [] as number[],
      f: [] as number[],
      fMost: [] as number[],
    };
    let x = [1, 1, 1, 1];
    for (let i = 0; i < 2; i++) {
      const a = turn(x, [1, 2, 3, 4]);
      expected.a.push(a.size);
      expected.most.push(a.most);
      x = a.next;
      for (let j = 0; j < 3; j++) {
        const f = turn(x, [1, 1, 1, 1 + j]);
        expected.f.push(f.size);
        expected.fMost.push(f.most);
        x = f.next;
      }
    }
    const close = (name: string, shape: number[], values: number[]) => {
      expect(outputs[name]!.shape).toEqual(shape);
      for (const [i, value] of values.entries()) {
        expect(outputs[name]!.data[i]! / value).toBeCloseTo(1, 12);
      }
    };
    close('y', [1, 1, 4], x);
    close('blocks.*.a.size', [2], expected.a);
    close('blocks.*.a.most', [2, 1, 1], expected.most);
    close('blocks.*.rep.*.f.size', [2, 3], expected.f);
    close('blocks.*.rep.*.f.most', [2, 3, 1, 1], expected.fMost);
  });

  it('is shown with the model', () => {
    expect(printModel(analyzed(code).model)).toContain(
      '\n  loss blocks.{0}.rep.{1}.f.size: f32[2, 3]\n',
    );
  });
});
