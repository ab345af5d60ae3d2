// Steps of rows, orders and pipelines, as documents. How they are spread over lines is their author's to say, for the order of
// sub-layers is read by its shape; so are columns: see columns.ts. Only lines that are too long are broken.
import type { IToken } from 'chevrotain';
import type {
  OrderBodyCstNode,
  PipelineCstNode,
  RowCstNode,
  StepCstNode,
  StepGroupCstNode,
  StepLayerCstChildren,
} from '../cst.generated.ts';
import { type BodyLine, braces } from './bracketed.ts';
import { aligned, type Cell, type CellLine } from './columns.ts';
import { type Doc, fill, group, hardLine, indent, line, row, softLine, space } from './doc.ts';
import { callDoc, parenthesizedDoc } from './expressions.ts';
import { fitsFlat, INDENT } from './write-doc.ts';
import type { Written } from './written.ts';

export function stepDoc({ children: c }: StepCstNode, w: Written): Doc {
  const what = c.stepGroup ? groupDoc(c.stepGroup[0]!, w) : layerDoc(c.stepLayer![0]!.children, w);
  if (!c.times) return what;
  const { Number: number, Identifier: name, parenthesized } = c.times[0]!.children;
  const times = parenthesized
    ? parenthesizedDoc(parenthesized[0]!, w)
    : w.word((number ?? name)![0]!);
  return row(what, space, w.word(c.Star![0]!), space, times);
}

/** A layer or a wiring, perhaps called. */
function layerDoc({ Identifier, callArguments = [] }: StepLayerCstChildren, w: Written): Doc {
  return row(
    w.word(Identifier[0]!),
    callArguments.map((node) => callDoc(node, w)),
  );
}

function groupDoc({ children: c }: StepGroupCstNode, w: Written): Doc {
  const { comments, word } = w.closing(c.RightParen[0]!);
  const steps = arrowsAndSteps(c.step, c.Arrow, w);
  return group(
    w.word(c.LeftParen[0]!),
    indent(softLine, c.Arrow ? row(steps) : fill(steps), comments),
    softLine,
    word,
  );
}

/** Steps at even places; between them breaks, those that the author took being taken. */
function arrowsAndSteps(
  steps: readonly StepCstNode[],
  arrows: readonly IToken[] = [],
  w: Written,
): Doc[] {
  let next = 0;
  return steps.flatMap((step, i) => {
    const arrow = arrows[next];
    const text = stepDoc(step, w);
    if (i === 0) return [text];
    if (!arrow || arrow.startOffset > step.location!.startOffset)
      return [w.beginsLine(step) ? hardLine() : line, text];
    next++;
    const isBroken = w.beginsLine(step) || w.beginsLine(arrow);
    return [isBroken ? hardLine() : line, row(w.word(arrow), space, text)];
  });
}

/** In the lines of its author if there are several and each fits; else on one line, or one stage on each. */
export function pipelineDoc({ children: c }: PipelineCstNode, w: Written): Doc {
  const [first, ...rest] = arrowsAndSteps(c.step, c.Arrow, w);
  const stages = rest.filter((_, i) => i % 2 === 1);
  const breaks = rest.filter((_, i) => i % 2 === 0);
  const isHard = (doc: Doc): boolean => doc.kind === 'line' && doc.hard;
  const lines: Doc[][] = [[first!]];
  for (const [i, stage] of stages.entries()) {
    if (isHard(breaks[i]!)) lines.push([stage]);
    else lines.at(-1)!.push(space, stage);
  }
  const fits = lines.every((docs, i) => fitsFlat(row(docs), i === 0 ? INDENT : 2 * INDENT));
  const [head, ...tail] = fits ? lines : [[first!], ...stages.map((stage) => [stage])];
  return row(head!, indent(tail.flatMap((docs) => [hardLine(), ...docs])));
}

export function orderBodyDoc({ children: c }: OrderBodyCstNode, w: Written): Doc {
  const lines = linesOf(c.step, w).map((cells): CellLine => ({ start: INDENT, cells }));
  const docs = aligned(lines, w) ?? lines.map(filled);
  return braces(
    c.LeftBrace[0]!,
    lines.map(({ cells }, i) => ({ node: cells[0]!.place, doc: docs[i]! })),
    c.RightBrace[0]!,
    w,
  );
}

/** Rows that follow each other without an empty line share their columns. */
export function rowLines(rows: readonly RowCstNode[], w: Written): BodyLine[] {
  const runs: RowCstNode[][] = [];
  for (const node of rows)
    if (runs.length > 0 && !w.blankAbove(node)) runs.at(-1)!.push(node);
    else runs.push([node]);
  return runs.flatMap((run) => {
    const written = run.map((node) => linesOfRow(node, w));
    const docs = aligned(written.flat(), w) ?? written.flat().map(filled);
    let next = 0;
    return run.map((node, i) => {
      const [first, ...more] = docs.slice(next, next + written[i]!.length);
      next += written[i]!.length;
      // The rest of what is too long for the first line is indented as its other lines are.
      return {
        node,
        doc: indent(
          first!,
          more.flatMap((doc) => [hardLine(), doc]),
        ),
      };
    });
  });
}

/** The first line of a row begins with its wiring. */
function linesOfRow(node: RowCstNode, w: Written): CellLine[] {
  const { wiring, Colon, step } = node.children;
  const head = row(layerDoc(wiring[0]!.children, w), w.word(Colon[0]!));
  const lines = linesOf(step, w);
  const own = w.beginsLine(step[0]!) ? [] : lines.shift()!;
  return [
    { start: INDENT, cells: [{ place: wiring[0]!, doc: head }, ...own] },
    ...lines.map((cells) => ({ start: 2 * INDENT, goesOn: true, cells })),
  ];
}

/** Steps by the lines on which they were written. */
function linesOf(steps: readonly StepCstNode[], w: Written): Cell[][] {
  const lines: Cell[][] = [];
  for (const node of steps) {
    const cell = { place: node, doc: stepDoc(node, w) };
    if (lines.length === 0 || w.beginsLine(node)) lines.push([cell]);
    else lines.at(-1)!.push(cell);
  }
  return lines;
}

/** A line, and as many more as it needs. */
const filled = ({ cells }: CellLine): Doc =>
  fill(cells.flatMap(({ doc }, i) => (i > 0 ? [line, doc] : [doc])));
