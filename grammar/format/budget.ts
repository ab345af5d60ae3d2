// The budget of a model as a document: a limit on each line, in columns where they were written so.
import type { BudgetCstNode, LimitCstNode } from '../cst.generated.ts';
import { braces } from './bracketed.ts';
import { aligned, type CellLine } from './columns.ts';
import { type Doc, group, indent, line, row, space } from './doc.ts';
import { INDENT } from './write-doc.ts';
import type { Written } from './written.ts';

export function budgetDoc({ children: c }: BudgetCstNode, w: Written): Doc {
  const lines = c.limit.map((node) => limitLine(node, w));
  const docs =
    aligned(lines, w) ??
    lines.map(({ cells }) =>
      joined(
        cells.map(({ doc }) => doc),
        space,
      ),
    );
  const limits = c.limit.map((node, i) => ({ node, doc: docs[i]! }));
  return group(w.word(c.Budget[0]!), space, braces(c.LeftBrace[0]!, limits, c.RightBrace[0]!, w));
}

/** Cells: the name, the limit, the sizes. */
function limitLine({ children: c }: LimitCstNode, w: Written): CellLine {
  const [name] = c.Identifier;
  const [sign] = c.LessEqual;
  const [number] = (c.Quantity ?? c.Number)!;
  const sizes = (c.limitSize ?? []).map(({ children: { Identifier, Equal, Number: value } }, i) => {
    const comma = c.Comma?.[i];
    const size = joined(
      [Identifier, Equal, value].map(([token]) => w.word(token!)),
      space,
    );
    return comma ? row(size, w.word(comma)) : size;
  });
  const at = c.AtSizes?.[0];
  return {
    start: 2 * INDENT,
    cells: [
      { place: name!, doc: w.word(name!) },
      { place: sign!, doc: row(w.word(sign!), space, w.word(number!)) },
      ...(at
        ? [{ place: at, doc: row(w.word(at), space, group(indent(joined(sizes, line)))) }]
        : []),
    ],
  };
}

const joined = (docs: readonly Doc[], between: Doc): Doc =>
  row(docs.flatMap((doc, i) => (i > 0 ? [between, doc] : [doc])));
