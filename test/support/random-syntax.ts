// Random syntax trees, grammatical but meaningless: what the printer and the parser have to agree on.
import type {
  Argument,
  AstFile,
  Auxiliary,
  BinaryOperator,
  Body,
  Expr,
  Item,
  Let,
  Limit,
  Name,
  Param,
  Shape,
  Step,
  Weight,
} from '../../compiler/ast/ast.ts';
import { BINARY_RANKS } from '../../grammar/operators.ts';
import { type Dice, dice } from './dice.ts';

const span = { file: { path: 'random.bform', text: '' }, start: 0, end: 0 };
// biome-ignore format: one list
const WORDS = [
  'x', 'w', 'd', 'heads', 'ffn', 'rms_norm', 'A2', '_', 'layers', 'dim', 'std', 'a_b', 'loss', 'measure', 'budget', 'at',
];
const NUMBERS = ['0', '1', '12', '1_000', '0.5', '1e-5', '2.5E+3'];
const STRINGS = ['', 'b t (h k) -> b h t k', 'a "quoted" \\ word', 'two\nlines\tand a tab', 'é ✓'];
const OPERATORS = Object.keys(BINARY_RANKS) as BinaryOperator[];
const DOCS = ['One line.', 'Several:\n\n- a\n  - b', '/ slash'];

export function randomSyntax(seed: number, items = 4): AstFile {
  const maker = new Maker(dice(seed, 'syntax'));
  return maker.file(items);
}

class Maker {
  private readonly dice: Dice;
  constructor(choices: Dice) {
    this.dice = choices;
  }

  file(items: number): AstFile {
    return {
      kind: 'file',
      ...(this.dice.chance(0.5) && { edition: { value: 1, span } }),
      uses: this.some(0, 2, () => ({
        kind: 'use',
        from: this.dice.chance(0.5)
          ? { kind: 'std', path: this.some(0, 2, () => this.name()), span }
          : { kind: 'file', path: `./${this.word()}.bform`, span },
        names: this.some(1, 3, () => ({
          name: this.name(),
          ...(this.dice.chance(0.3) && { alias: this.name() }),
        })),
        span,
      })),
      items: this.some(1, items, () => this.item()),
      comments: [],
      span,
    };
  }

  private some<T>(low: number, high: number, make: () => T): T[] {
    return Array.from({ length: this.dice.int(low, high) }, make);
  }

  private word = (): string => this.dice.pick(WORDS);
  private name = (): Name => ({ text: this.word(), span });
  private doc = () => (this.dice.chance(0.3) ? { doc: this.dice.pick(DOCS) } : {});

  private item(): Item {
    const base = {
      ...this.doc(),
      name: this.name(),
      params: this.some(0, 4, () => this.param()),
      where: this.some(0, 2, () => this.expr(2)),
      span,
    };
    const inputs = () => this.some(1, 3, () => ({ name: this.name(), shape: this.shape(), span }));
    const lets = () => this.some(0, 3, () => this.let(3));
    switch (this.dice.pick(['layer', 'layer', 'order', 'block', 'model'] as const)) {
      case 'layer':
        return {
          kind: 'layer',
          ...base,
          inputs: inputs(),
          output: this.shape(),
          body: this.body(3),
        };
      case 'order':
        return { kind: 'order', ...base, steps: this.steps(2) };
      case 'block':
        return {
          kind: 'block',
          ...base,
          lets: lets(),
          rows: this.some(1, 3, () => ({ wiring: this.stepLayer(1), steps: this.steps(2), span })),
        };
      case 'model': {
        const output = this.dice.chance(0.5) && { outputName: this.name() };
        return {
          kind: 'model',
          ...base,
          ...(this.dice.chance(0.3) && { inputs: inputs(), ...output }),
          settings: this.some(0, 2, () => ({ name: this.name(), value: this.expr(2), span })),
          budgets: this.some(0, 1, () => ({ limits: this.some(1, 3, () => this.limit()), span })),
          lets: lets(),
          pipeline: this.steps(2),
        };
      }
    }
  }

  private limit(): Limit {
    // In a budget, `at` is a word of the language.
    const name = () => ({ text: this.word().replace(/^at$/, 'params'), span });
    const size = () => ({ name: name(), value: this.dice.int(1, 4096), span });
    const text = this.dice.pick([...NUMBERS, '100M', '2.5G', '4GiB', '1_000K']);
    return {
      name: name(),
      atMost: { text, span },
      sizes: this.dice.chance(0.5) ? this.some(1, 2, size) : [],
      span,
    };
  }

  private param(): Param {
    const types = ['dim', 'int', 'float', 'bool', 'activation', 'layer', 'layers'] as const;
    return {
      name: this.name(),
      type: this.dice.chance(0.8)
        ? { kind: 'named', name: this.dice.pick(types), span }
        : { kind: 'enum', members: this.some(1, 3, () => this.name()), span },
      ...(this.dice.chance(0.5) && { default: this.expr(2) }),
      span,
    };
  }

  private shape(): Shape {
    return {
      dtype: this.dice.pick(['f32', 'i32', 'bool']),
      rest: this.dice.chance(0.3),
      axes: this.some(0, 3, () => ({
        ...(this.dice.chance(0.2) && { label: this.name() }),
        size: this.expr(1),
        span,
      })),
      span,
    };
  }

  private steps(depth: number): Step[] {
    return this.some(1, 4, (): Step => {
      const times = this.dice.chance(0.3) && { times: this.expr(1) };
      return depth > 0 && this.dice.chance(0.25)
        ? { kind: 'group', steps: this.steps(depth - 1), ...times, span }
        : { kind: 'one', layer: this.stepLayer(2), ...times, span };
    });
  }

  private stepLayer(calls: number): Expr {
    let layer: Expr = { kind: 'name', text: this.word(), span };
    for (let i = this.dice.int(0, calls); i > 0; i--) {
      layer = { kind: 'call', callee: layer, args: this.some(0, 2, () => this.argument(2)), span };
    }
    return layer;
  }

  private let = (depth: number): Let => ({
    kind: 'let',
    name: this.name(),
    value: this.expr(depth),
    span,
  });

  private weight = (depth: number): Weight => ({
    kind: 'weight',
    ...this.doc(),
    name: this.name(),
    shape: this.shape(),
    init: this.expr(depth),
    span,
  });

  private auxiliary = (depth: number): Auxiliary => ({
    kind: this.dice.pick(['loss', 'measure'] as const),
    ...this.doc(),
    name: this.name(),
    value: this.expr(depth),
    span,
  });

  private body(depth: number): Body {
    const statement = () => this.dice.pick([this.let, this.weight, this.auxiliary])(depth);
    return { statements: this.some(0, 2, statement), result: this.expr(depth), span };
  }

  private argument(depth: number): Argument {
    return {
      ...(this.dice.chance(0.3) && { name: this.name() }),
      value: this.expr(depth),
      span,
    };
  }

  private expr(depth: number): Expr {
    if (depth === 0 || this.dice.chance(0.3)) return this.leaf();
    const inner = () => this.expr(depth - 1);
    switch (this.dice.int(0, 9)) {
      case 0:
        return { kind: 'list', items: this.some(0, 3, inner), span };
      case 1:
        return { kind: 'unary', op: this.dice.pick(['-', 'not']), operand: inner(), span };
      case 2:
      case 3:
        return {
          kind: 'call',
          callee: inner(),
          args: this.some(0, 3, () => this.argument(depth - 1)),
          span,
        };
      case 4:
        return { kind: 'index', target: inner(), indices: this.some(0, 2, inner), span };
      case 5:
        return {
          kind: 'if',
          condition: inner(),
          // biome-ignore lint/suspicious/noThenProperty: the branch's name in the tree
          then: this.body(depth - 1),
          else: this.body(depth - 1),
          span,
        };
      default:
        return {
          kind: 'binary',
          op: this.dice.pick(OPERATORS),
          left: inner(),
          right: inner(),
          span,
        };
    }
  }

  private leaf(): Expr {
    switch (this.dice.int(0, 5)) {
      case 0: {
        const text = this.dice.pick(NUMBERS);
        const value = Number(text.replaceAll('_', ''));
        return { kind: 'number', value, isInteger: /^[\d_]+$/.test(text), text, span };
      }
      case 1:
        return { kind: 'string', value: this.dice.pick(STRINGS), span };
      case 2:
        return { kind: 'bool', value: this.dice.chance(0.5), span };
      default:
        return { kind: 'name', text: this.word(), span };
    }
  }
}

/** A tree as text, without the places in its source and whatever the order of its properties. */
export function withoutSpans(tree: unknown): string {
  const sorted = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([key]) => key !== 'span');
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(tree, sorted, 1);
}
