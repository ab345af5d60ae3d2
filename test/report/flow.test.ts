// How values flow through the layers of a model, as series and parallels, told from the graph and not from names.
import { describe, expect, it } from 'vitest';
import { analyze } from '../../compiler/compile.ts';
import { type Flow, flowOf } from '../../compiler/report/flow.ts';
import { type Part, structureOf } from '../../compiler/report/structure.ts';
import { sources } from '../support/sources.ts';

/** `a (b | c) add`; a bar at the front where the value also goes past. */
function text(flow: Flow, parts: readonly Part[]): string {
  switch (flow.kind) {
    case 'part':
      return parts[flow.index]!.path.split('.').at(-1)!;
    case 'join':
      return flow.operation;
    case 'series':
      return flow.items.map((item) => text(item, parts)).join(' ');
    case 'parallel': {
      const branches = flow.branches.map((branch) => text(branch, parts)).join(' | ');
      return `(${flow.skip ? '| ' : ''}${branches})`;
    }
  }
}

function structure(source: string): Part[] {
  const { result } = analyze('m.bform', sources({ 'm.bform': source }));
  return structureOf(result!.model);
}

const all = (parts: readonly Part[]): Part[] => parts.flatMap((part) => [part, ...all(part.parts)]);

const find = (parts: readonly Part[], path: string): Part =>
  all(parts).find((part) => part.path === path)!;

const ofBlock = (row: string): string => {
  const parts = structure(`
    edition 1
    use std.{attention, embed, ffn, gated_ffn, layer_norm, moe, parallel, plain, post_norm, pre_norm, sandwich_norm, top_k, unembed}
    block brew {
      let a = attention(heads: 2)
      let f = ffn
      ${row}
    }
    model m { vocab: 8  context: 8  embed(8) -> brew -> unembed }`);
  const block = find(parts, 'brew');
  return text(block.flow, block.parts);
};

describe('the flow of a block', () => {
  it.each([
    ['pre_norm(layer_norm): a f', '(| a_norm a) add (| f_norm f) add'],
    ['post_norm(layer_norm): a f', '(| a) add a_norm (| f) add f_norm'],
    ['sandwich_norm(layer_norm): a', '(| a_norm a a_norm_out) add'],
    ['parallel(layer_norm): a f', '(| norm (a | f) add) add'],
    ['plain: a f', 'a f'],
  ])('%s', (row, flow) => {
    expect(ofBlock(row)).toBe(flow);
  });

  it('has a repeated group as one part', () => {
    expect(ofBlock('pre_norm(layer_norm): a (f a) * 3')).toBe('(| a_norm a) add rep');
  });
});

describe('the flow of a layer', () => {
  const parts = structure(`
    edition 1
    use std.{attention, embed, gated_ffn, moe, rope, top_k, unembed}
    layer crossed (x: [.., d]) -> [.., d] {
      let p = gated_ffn
      let q = gated_ffn
      let r = gated_ffn
      let y = p(x)
      let z = q(x)
      r(y + z) + z
    }
    layer measured (x: [.., d]) -> [.., d] {
      let p = gated_ffn
      let extra = gated_ffn
      measure left_over = sum(extra(x), axis: d)
      p(x)
    }
    model m {
      vocab: 8
      context: 8
      embed(8) -> attention(heads: 2, position: rope) -> gated_ffn -> moe(gated_ffn, experts: 4, route: top_k(2))
        -> crossed -> measured -> unembed
    }`);
  const flow = (path: string): string => {
    const part = find(parts, path);
    return text(part.flow, part.parts);
  };

  it('shows what joins in attention and in a gate, without the layers that change nothing', () => {
    expect(flow('attention')).toBe('(wq position | wk position_2 | wv) attend wo');
    expect(flow('gated_ffn')).toBe('(gate act | up) mul down');
  });

  it('shows experts as one part with the expert inside', () => {
    expect(flow('moe')).toBe('router dispatch combine');
    expect(flow('moe.dispatch')).toBe('expert');
  });

  it('falls back to the order in which the parts run where their ways cross', () => {
    expect(flow('crossed')).toBe('p q add r add');
  });

  it('leaves out what does not lead to the result', () => {
    expect(flow('measured')).toBe('p');
  });
});

describe('a part', () => {
  it('knows the place in the user’s file that led to it, however deep in the library it stands', () => {
    const source = `edition 1
use std.{attention, embed, pre_norm, layer_norm, unembed}
block brew { let a = attention(heads: 2)  pre_norm(layer_norm): a a }
model m { vocab: 8  context: 8  embed(8) -> brew -> unembed }`;
    const parts = structure(source);
    const letters = ['brew.a', 'brew.a_norm', 'brew.a.wq', 'brew.a_2.wq'].map((path) => {
      const { file, start, end } = find(parts, path).use;
      expect(file.path).toBe('m.bform');
      return [start, source.slice(start, end)];
    });
    const order = source.indexOf('a a }');
    expect(letters).toEqual([
      [order, 'a'],
      [order, 'a'],
      [order, 'a'],
      [order + 2, 'a'],
    ]);
  });
});

describe('a long body', () => {
  it('is followed to its end', () => {
    const parts = structure(`
      edition 1
      use std.{embed, ffn, layer_norm, pre_norm, unembed}
      block brew { let f = ffn(hidden: 8)  pre_norm(layer_norm): ${'f '.repeat(80)} }
      model m { vocab: 8  context: 8  embed(8) -> brew -> unembed }`);
    const { flow } = find(parts, 'brew');
    expect(flow.kind === 'series' && flow.items.length).toBe(160);
  });
});

it('a model of nothing but its result flows nowhere', () => {
  expect(flowOf({ steps: [], result: 0 })).toEqual({ kind: 'series', items: [] });
});
