// The chain of pieces that a body is: it is cut wherever one value alone leads on to the result. So a residual stream is cut
// before and after each sub-layer and each repeat, wherever the source draws its lines.
import type { NodeId, Region } from '../ops/op.ts';
import type { Body, Links, Value } from './links.ts';

export interface Piece {
  /** The values it is a function of: one, but for the first piece of a model of several inputs. */
  readonly entries: readonly Value[];
  readonly result: NodeId;
  /** The losses that follow from its values alone. */
  readonly losses: readonly NodeId[];
  /** Set where the piece is nothing but a repeat. */
  readonly repeat?: { readonly count: number; readonly body: Region };
}

/** The pieces of a body in the order in which they run; none where it gives what it takes. */
export function findPieces(body: Body, links: Links): Piece[] {
  const chain = chainOf(body, links);
  const places = new Map(chain.map((id, place) => [id, place]));
  let waiting = body.losses.map((id) => ({ id, reach: reachOf(id, links, places) }));
  if (chain.length === 0) {
    const isNothing = waiting.length === 0 && links.isMoving(body.result);
    return isNothing ? [] : [{ entries: body.params, result: body.result, losses: body.losses }];
  }
  const crossing = crossings(
    [...spansOfValues(body, links, chain, places), ...waiting.map(({ reach }) => reach)],
    chain.length,
  );
  const pieces: Piece[] = [];
  let from = -1;
  for (const [place, result] of chain.entries()) {
    const isLast = place === chain.length - 1;
    if (crossing[place]! > 0 && !isLast) continue;
    const isMine = ({ reach: [first, last] }: (typeof waiting)[number]): boolean =>
      isLast || (first < place && last <= place);
    const losses = waiting.filter(isMine).map(({ id }) => id);
    waiting = waiting.filter((loss) => !isMine(loss));
    const before = from < 0 ? undefined : links.node(chain[from]!);
    const entries = before ? [before] : body.params;
    const repeat = place - from === 1 && losses.length === 0 && aloneRepeat(result, links);
    pieces.push({ entries, result, losses, ...(repeat && { repeat }) });
    from = place;
  }
  return pieces;
}

/** A repeat that needs nothing but what it carries, and of which nothing else is read. */
function aloneRepeat(id: NodeId, links: Links): Piece['repeat'] | undefined {
  const node = links.node(id);
  const { op } = node;
  if (op.kind !== 'repeat' || links.isReadByTurn(node)) return undefined;
  return links.operandsOf(node).length === 1 ? op : undefined;
}

/**
 * The values that lead to the result and depend on what the body is given, operands first, in an order that follows from
 * the result alone.
 */
function chainOf({ params, result }: Body, links: Links): NodeId[] {
  const done = new Set(params.map(({ id }) => id));
  const chain: NodeId[] = [];
  const waiting = links.isMoving(result) ? [result] : [];
  for (let id = waiting.at(-1); id !== undefined; id = waiting.at(-1)) {
    const missing = done.has(id) ? [] : movingOperands(id, links).filter((x) => !done.has(x));
    if (missing.length > 0) waiting.push(...missing.reverse());
    else {
      waiting.pop();
      if (!done.has(id)) chain.push(id);
      done.add(id);
    }
  }
  return chain;
}

const movingOperands = (id: NodeId, links: Links): NodeId[] =>
  links.operandsOf(links.node(id)).filter(links.isMoving);

/** First and last place; a cut behind a place that lies between them is none. What is given stands at -1. */
type Span = readonly [first: number, last: number];

/** How far each value is read, and from where to where each weight. */
function spansOfValues(
  { params }: Body,
  links: Links,
  chain: readonly NodeId[],
  places: ReadonlyMap<NodeId, number>,
): Span[] {
  const lastUse = new Map<NodeId, number>();
  const weights = new Map<NodeId, Span>();
  for (const [place, id] of chain.entries()) {
    for (const operand of links.operandsOf(links.node(id))) {
      if (links.isMoving(operand)) lastUse.set(operand, place);
      else {
        for (const weight of links.weightsBehind(operand)) {
          weights.set(weight, [weights.get(weight)?.[0] ?? place - 1, place]);
        }
      }
    }
  }
  const values = [...params.map(({ id }) => id), ...chain].map(
    (id): Span => [places.get(id) ?? -1, lastUse.get(id) ?? -1],
  );
  return [...values, ...weights.values()];
}

/** How many spans have each place strictly inside. */
function crossings(spans: readonly Span[], length: number): number[] {
  const changes = new Array<number>(length + 1).fill(0);
  for (const [first, last] of spans) {
    if (last - first < 2) continue;
    changes[first + 1]!++;
    changes[last]!--;
  }
  let open = 0;
  return changes.slice(0, length).map((change) => {
    open += change;
    return open;
  });
}

/** The places of the values on the chain that a loss is made of. */
function reachOf(loss: NodeId, links: Links, places: ReadonlyMap<NodeId, number>): Span {
  const found: number[] = [];
  const seen = new Set<NodeId>();
  const waiting = [loss];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (seen.has(id) || !links.isMoving(id)) continue;
    seen.add(id);
    const place = places.get(id);
    const isGiven = place === undefined && !links.isMade(id);
    if (place !== undefined || isGiven) found.push(place ?? -1);
    else waiting.push(...links.operandsOf(links.node(id)));
  }
  if (found.length === 0) return [-1, -1];
  return [Math.min(...found), Math.max(...found)];
}
