// A graph as text that depends on what it computes alone: equal for two programs that differ in names, comments, spelling,
// or in whether a repeat is written out. For finding duplicates; not for people.
//
// The body of a model is a chain of pieces (pieces.ts), each a function of one tensor. Every piece is written once, with
// numbers of its own for its values and weights, and the text ends with the numbers of the pieces in the order in which
// they run, repeats written out. So `f f f` and `f * 3` are one text, and 96 blocks cost no more than one.
import { invariant } from '../invariant.ts';
import type { Node, NodeId, Op, Region, TensorType } from '../ops/op.ts';
import { atomsOf, type Dim, substitute, symbol } from '../shapes/dim.ts';
import type { Graph, WeightSpec } from './graph.ts';
import { type Body, type Links, linksOf } from './links.ts';
import { findPieces, type Piece } from './pieces.ts';
import { initText } from './print.ts';

/** Changes when the form does, so that hashes of different forms do not meet. */
const VERSION = 1;

export function canonicalForm(graph: Graph): string {
  const links = linksOf(graph);
  const symbols = symbolsInOrder(graph);
  const sizes = new Map(symbols.map((name, i) => [name, symbol(`s${i}`)]));
  const words: Words = {
    weights: new Map(graph.weights.map((weight) => [weight.name, weight])),
    links,
    size: (dim) => substitute(dim, sizes).text,
    shared: new Map(),
  };
  const pieces = new Map<string, number>();
  const order = orderOf(links.top, words, pieces);
  const limits = new Map(graph.symbols.map((spec) => [spec.name, spec]));
  return [
    `canonical ${VERSION}`,
    ...symbols.map(
      (name, i) => `s${i} ${limits.get(name)?.min ?? ''}..${limits.get(name)?.max ?? ''}`,
    ),
    ...graph.inputs.map(
      ({ type, range }) => `input ${typeOf(type, words)} ${range?.join('..') ?? ''}`,
    ),
    ...[...pieces].map(([text, i]) => `${i}:\n${text}`),
    runs(order),
    '',
  ].join('\n');
}

/** Sizes of run time in the order in which the inputs hold them. */
function symbolsInOrder({ inputs, symbols }: Graph): string[] {
  const held = inputs.flatMap(({ type }) => type.shape.flatMap(atomsOf));
  return [...new Set([...held, ...symbols.map(({ name }) => name)])];
}

interface Words {
  readonly weights: ReadonlyMap<string, WeightSpec>;
  readonly links: Links;
  readonly size: (dim: Dim) => string;
  /** Weights that are read in several places, by name. */
  readonly shared: Map<string, number>;
}

/** The pieces of a body by number, in the order in which they run. */
function orderOf(body: Body, words: Words, pieces: Map<string, number>): number[] {
  const order: number[] = [];
  for (const piece of findPieces(body, words.links)) {
    if (piece.repeat) {
      const turn = orderOf(words.links.bodyOf(piece.repeat.body), words, pieces);
      for (let i = 0; i < piece.repeat.count; i++) for (const n of turn) order.push(n);
      continue;
    }
    const text = pieceText(piece, body, words);
    if (!pieces.has(text)) pieces.set(text, pieces.size);
    order.push(pieces.get(text)!);
  }
  return order;
}

/** `0 1 1 1 2` as `0 1*3 2`. */
function runs(order: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < order.length; ) {
    let end = i;
    while (order[end] === order[i]) end++;
    parts.push(end - i === 1 ? `${order[i]}` : `${order[i]}*${end - i}`);
    i = end;
  }
  return parts.join(' ');
}

/** A text in the making: a piece, or a region within one. */
interface Page {
  readonly lines: string[];
  readonly known: Map<string, number>;
  /** Own weights by name and turn. */
  readonly weights: Map<string, number>;
  /** Losses of turns that are written out, to be written when all else is. */
  readonly losses: { readonly id: NodeId; readonly values: Values }[];
}

/** Values of one body, or of one turn of it, by their numbers on a page. */
interface Values {
  readonly page: Page;
  readonly body: Body;
  readonly numbers: Map<NodeId, string>;
  readonly outer: Values | undefined;
  /** The turns of the repeats that are written out around. */
  readonly turns: string;
}

function pieceText(piece: Piece, body: Body, words: Words): string {
  const page: Page = { lines: [], known: new Map(), weights: new Map(), losses: [] };
  const numbers = new Map(piece.entries.map(({ id }, i) => [id, `in${i}`]));
  const values: Values = { page, body, numbers, outer: undefined, turns: '' };
  const entries = piece.entries.map(({ type }) => `in ${typeOf(type, words)}`);
  const result = numberOf(piece.result, values, words);
  const losses = [...piece.losses.map((id) => ({ id, values })), ...page.losses];
  const lossTexts = losses.map((loss) => lossText(loss.id, loss.values, words)).sort();
  return [...entries, ...page.lines, `out ${result}`, ...lossTexts].join('\n');
}

/** A page of its own that goes on from the values of another, so that losses have no order. */
function lossText(id: NodeId, values: Values, words: Words): string {
  const page: Page = { lines: [], known: new Map(), weights: values.page.weights, losses: [] };
  const numbers = new Map([...values.numbers].map(([known, number]) => [known, `^${number}`]));
  const result = numberOf(id, { ...values, page, numbers }, words);
  return `loss ${[...page.lines, `out ${result}`].join('; ')}`;
}

/** The number of a value, after the lines of all that it needs. Without recursion along chains of operations. */
function numberOf(root: NodeId, values: Values, words: Words): string {
  const waiting = [root];
  for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
    if (values.numbers.has(id)) {
      waiting.pop();
      continue;
    }
    if (!words.links.isIn(id, values.body)) {
      invariant(values.outer, 'graph', `value ${id} is defined nowhere`);
      values.numbers.set(id, outerNumber(id, values, words));
      continue;
    }
    const node = words.links.node(id);
    const missing = words.links.operandsOf(node).filter((operand) => !values.numbers.has(operand));
    if (missing.length > 0) waiting.push(...missing.reverse());
    else values.numbers.set(id, write(node, values, words));
  }
  return values.numbers.get(root)!;
}

/** A value from around: as it is numbered there; from within a region with a mark. */
function outerNumber(id: NodeId, values: Values, words: Words): string {
  const outer = values.outer!;
  const number = numberOf(id, outer, words);
  return outer.page === values.page ? number : `^${number}`;
}

/** Writes a node and gives the number of its line; equal lines are one. */
function write(node: Node, values: Values, words: Words): string {
  const { op } = node;
  if (op.kind === 'repeat' && !words.links.isReadByTurn(node)) {
    return writeTurns(node, op, values, words);
  }
  const operands = node.inputs.map((id) => values.numbers.get(id)!);
  if (op.kind === 'weight') return line(values.page, weightText(op.name, values, words));
  const regions = regionsIn(op).map(([name, region]) => {
    const text = regionText(words.links.bodyOf(region), values, words);
    return `${name}{${text}}`;
  });
  return line(values.page, [opText(op, words), ...operands, ...regions].join(' '));
}

function line({ lines, known }: Page, text: string): string {
  const number = known.get(text);
  if (number !== undefined) return String(number);
  known.set(text, lines.length);
  lines.push(text);
  return String(lines.length - 1);
}

/** A repeat inside of a piece, say beside a residual: every turn is written out. */
function writeTurns(
  node: Node,
  { count, body: region }: Extract<Op, { kind: 'repeat' }>,
  values: Values,
  words: Words,
): string {
  const body = words.links.bodyOf(region);
  let carried = values.numbers.get(node.inputs[0]!)!;
  for (let turn = 0; turn < count; turn++) {
    const numbers = new Map([[body.params[0]!.id, carried]]);
    const inside: Values = {
      page: values.page,
      body,
      numbers,
      outer: values,
      turns: `${values.turns}.${turn}`,
    };
    carried = numberOf(body.result, inside, words);
    for (const id of body.losses) values.page.losses.push({ id, values: inside });
  }
  return carried;
}

/** A weight that one place reads has a number of the page, one that several read has one of the whole text. */
function weightText(
  name: string,
  { page, turns }: Values,
  { weights, links, shared }: Words,
): string {
  const spec = weights.get(name);
  invariant(spec, 'graph', `there is no weight ${name}`);
  const isShared = links.isTied(name);
  const table = isShared ? shared : page.weights;
  const key = isShared ? name : `${name} ${turns}`;
  if (!table.has(key)) table.set(key, table.size);
  return `${isShared ? 'shared' : 'weight'} ${table.get(key)} [${spec.shape.join(' ')}] ${initText(spec.init)}`;
}

const regionsIn = (op: Op): (readonly [string, Region])[] => {
  if (op.kind === 'repeat') return [['body', op.body]];
  if (op.kind !== 'attend') return [];
  return [
    ...(op.score ? [['score', op.score] as const] : []),
    ...(op.mask ? [['mask', op.mask] as const] : []),
  ];
};

function regionText(body: Body, outer: Values, words: Words): string {
  const page: Page = { lines: [], known: new Map(), weights: outer.page.weights, losses: [] };
  const numbers = new Map(body.params.map(({ id }, i) => [id, `in${i}`]));
  const values: Values = { page, body, numbers, outer, turns: outer.turns };
  const results = [body.result, ...body.emits].map((id) => numberOf(id, values, words));
  return [...page.lines, `out ${results.join(' ')}`].join('; ');
}

/** The labels of a product's axes are numbers without a meaning: here by first appearance. */
function withLabelsInOrder(op: Extract<Op, { kind: 'dot' }>): Op {
  const seen = [...new Set([...op.lhs, ...op.rhs])];
  const [lhs, rhs, out] = [op.lhs, op.rhs, op.out].map((axes) => axes.map((a) => seen.indexOf(a)));
  return { ...op, lhs: lhs!, rhs: rhs!, out: out! };
}

const typeOf = ({ dtype, shape }: TensorType, { size }: Words): string =>
  `${dtype}[${shape.map(size).join(', ')}]`;

/** An operation with all that tells it from others, but for names and regions. */
function opText(op: Op, { size }: Words): string {
  const fields = Object.entries(op.kind === 'dot' ? withLabelsInOrder(op) : op).filter(
    ([key, value]) => key !== 'name' && !(typeof value === 'object' && 'nodes' in value),
  );
  return fields
    .map(([key, value]) => (key === 'kind' ? value : `${key}=${fieldText(value)}`))
    .join(' ');

  function fieldText(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(fieldText).join(' ')}]`;
    if (typeof value === 'object' && value !== null) return size(value as Dim);
    return Object.is(value, -0) ? '-0' : String(value);
  }
}
