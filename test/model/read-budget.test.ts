// The budget of a model as data: exact limits, sizes as given, and what is said about those that cannot be.
import { describe, expect, it } from 'vitest';
import { analyze, modelHash } from '../../compiler/compile.ts';
import { type Quantity, readQuantity } from '../../compiler/model/cost-limit.ts';
import type { Model } from '../../compiler/model/model.ts';
import { printModel } from '../../compiler/model/print.ts';
import { sources } from '../support/sources.ts';
import { messages } from './diagnose.ts';

const code = (budget: string): string => `use std.{embed, unembed}
model m {
  vocab: 10
  context: 64
  ${budget}
  embed(4) -> unembed(tied: true)
}`;

function modelOf(text: string): Model {
  const { result } = analyze('m.bform', sources({ 'm.bform': text }));
  return result!.model;
}

const said = (limits: string): string[] => messages(code(`budget { ${limits} }`));

describe('a limit', () => {
  it.each([
    ['1_000', 'params', 1000n],
    ['100M', 'params', 100_000_000n],
    ['2.5G', 'flops', 2_500_000_000n],
    ['1e9', 'flops', 1_000_000_000n],
    ['1.5e3K', 'flops', 1_500_000n],
    ['9007199254740993T', 'flops', 9007199254740993n * 10n ** 12n],
    ['4GiB', 'memory', 2n ** 32n],
    ['0.5KiB', 'weights', 512n],
    ['4G', 'memory', 4_000_000_000n],
    ['4GB', 'memory', 4_000_000_000n],
    ['1.9999', 'dispatches', 1n],
    ['0', 'dispatches', 0n],
  ] as const)('of %s %s is %s exactly', (text, quantity: Quantity, value) => {
    expect(readQuantity(text, quantity)).toEqual({ kind: 'quantity', value });
  });

  it.each([
    ['4GiB', 'params', '`params` counts parameters, and `GiB` is a unit of bytes'],
    ['7B', 'params', '`B` is no unit of parameters', 'write `7G`; the units are K, M, G and T'],
    ['4Gi', 'memory', '`Gi` is no unit of bytes', 'write `4GiB`'],
    ['3X', 'flops', '`X` is no unit of FLOPs', 'the units are K, M, G and T'],
    ['-3', 'flops', '`-3` is no limit', 'for example `2_000_000`, `100M` or `2G`'],
    ['', 'memory', '`` is no limit', 'for example `512MiB` or `4GiB`'],
    ['1e-9', 'flops', '`1e-9` is no limit', 'for example'],
    ['1e400', 'flops', '`1e400` is no limit', 'for example'],
  ] as const)('of %s %s is none', (text, quantity: Quantity, message, hint: string = '') => {
    const read = readQuantity(text, quantity);
    expect(read).toMatchObject({ kind: 'wrong', message });
    expect(read.kind === 'wrong' && read.hint).toContain(hint);
  });
});

describe('a budget', () => {
  const budget = 'budget { params <= 1K\n flops <= 2M at t = 32\n memory <= 4MiB at b = 2, t = 8 }';

  it('is data of its model', () => {
    const limits = modelOf(code(budget)).budget;
    expect(limits.map(({ span, ...limit }) => limit)).toEqual([
      { quantity: 'params', atMost: 1000n, text: '1K', sizes: {} },
      { quantity: 'flops', atMost: 2_000_000n, text: '2M', sizes: { t: 32 } },
      { quantity: 'memory', atMost: 4n * 2n ** 20n, text: '4MiB', sizes: { b: 2, t: 8 } },
    ]);
    const { span } = limits[1]!;
    expect(span.file.text.slice(span.start, span.end)).toBe('flops <= 2M at t = 32');
    expect(modelOf(code('')).budget).toEqual([]);
  });

  it('does not change what the model means, and is printed with it', () => {
    const [without, within] = [modelOf(code('')), modelOf(code(budget))];
    expect(modelHash(within)).toBe(modelHash(without));
    expect(printModel(within)).toContain('\n  memory <= 4194304 at b = 2, t = 8\n');
    expect(printModel(without)).not.toContain('<=');
  });

  it('leaves its words to be names', () => {
    const named = `use std.{embed, unembed}
      layer budget(at: int) (x: [.., params]) -> [.., params] { if at > 0 { at * x } else { x } }
      layer other (x: [.., budget]) -> [.., budget] { if budget > 3 { x } else { 2 * x } }
      block at { let flops = budget(2)  plain: flops other }
      layer plain(sub: layer) (x: [..]) -> [..] { sub(x) }
      model params { vocab: 9 embed(4) -> budget(3) -> at -> unembed }`;
    expect(messages(named)).toEqual([]);
  });

  it('limits the same at other sizes', () => {
    expect(said('flops <= 1M\n flops <= 2M at t = 32\n flops <= 3M at b = 2, t = 32')).toEqual([]);
  });

  it.each([
    ['parms <= 3', 'BF2070 a budget has no limit `parms` (did you mean `params`?)'],
    [
      'money <= 3',
      'BF2070 a budget has no limit `money` (the limits are `params`, `activated`, `flops`, `flops_per_token`, `memory`, `weights`, `dispatches`)',
    ],
    [
      'params <= 4GiB',
      'BF2071 `params` counts parameters, and `GiB` is a unit of bytes (the units are K, M, G and T)',
    ],
    ['params <= 3\n params <= 4', 'BF2010 `params` is limited twice'],
    ['flops <= 3 at t = 8\n flops <= 4 at t = 8', 'BF2010 `flops` is limited twice'],
    ['params <= 3 at b = 1', 'BF2072 `params` is the same at all sizes (leave `at` out)'],
    ['flops <= 3 at s = 1', 'BF2072 the model has no size `s` (it has `b`, `t`)'],
    ['flops <= 3 at t = 65', 'BF2072 `t` is from 1 to 64 in this model, not 65'],
    ['flops <= 3 at b = 0', 'BF2072 `b` is 1 or more in this model, not 0'],
    ['flops <= 3 at b = 1.5', 'BF2072 `b` is 1 or more in this model, not 1.5'],
    ['flops <= 3 at b = 1, b = 2', 'BF2072 `b` is given twice'],
  ])('with %s', (limits, message) => {
    expect(said(limits)).toEqual([message]);
  });

  it('stands in a model once', () => {
    expect(messages(code('budget { params <= 1K }\n budget { flops <= 1K }'))).toEqual([
      'BF2010 a model has one budget (put all limits into one)',
    ]);
  });

  it('is looked at also where a model has parameters without defaults', () => {
    expect(messages('model m(d: dim) (x: [b, t, d]) -> y { budget { parms <= 3 } tanh }')).toEqual(
      expect.arrayContaining(['BF2070 a budget has no limit `parms` (did you mean `params`?)']),
    );
  });
});
