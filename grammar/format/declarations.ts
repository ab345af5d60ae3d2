// Files and declarations as documents. A head is on one line, else its parameters stand on a line each, and then its inputs;
// `where` has lines of its own. Between declarations stands one empty line, unless both are short and had none.
import type { CstNode, IToken } from 'chevrotain';
import type {
  BlockCstNode,
  EditionCstNode,
  FileCstNode,
  InputsCstNode,
  ItemCstNode,
  LayerCstNode,
  ModelCstNode,
  OrderCstNode,
  ParamCstNode,
  ParamsCstNode,
  ParamTypeCstNode,
  SettingCstNode,
  UseCstNode,
  WhereCstNode,
} from '../cst.generated.ts';
import { braces, bracketed } from './bracketed.ts';
import { budgetDoc } from './budget.ts';
import { broken, type Doc, group, hardLine, indent, line, row, space } from './doc.ts';
import { bodyDoc, expressionDoc, letDoc, shapeDoc } from './expressions.ts';
import { orderBodyDoc, pipelineDoc, rowLines } from './steps.ts';
import { fitsFlat } from './write-doc.ts';
import type { Written } from './written.ts';

interface Part {
  readonly node: CstNode;
  readonly doc: Doc;
  /** `edition` and `use`, which may stand close together. */
  readonly isHead: boolean;
}

export function fileDoc({ children: c }: FileCstNode, w: Written): Doc {
  const parts: Part[] = [
    ...(c.edition ?? []).map((node) => ({ node, doc: editionDoc(node, w), isHead: true })),
    ...(c.use ?? []).map((node) => ({ node, doc: useDoc(node, w), isHead: true })),
    ...(c.item ?? []).map((node) => ({ node, doc: itemDoc(node, w), isHead: false })),
  ];
  return row(
    parts.flatMap((part, i) =>
      i > 0 ? [separator(parts[i - 1]!, part, w), part.doc] : [part.doc],
    ),
  );
}

function separator(before: Part, { node, doc, isHead }: Part, w: Written): Doc {
  const areShort = isHead || (!before.isHead && fitsFlat(before.doc) && fitsFlat(doc));
  return hardLine(w.blankAbove(node) || !areShort);
}

const editionDoc = ({ children: c }: EditionCstNode, w: Written): Doc =>
  row(w.word(c.Edition[0]!), space, w.word(c.Number[0]!));

function useDoc({ children: c }: UseCstNode, w: Written): Doc {
  const source = [...(c.String ?? []), ...(c.Identifier ?? []), ...c.Dot];
  const names = bracketed(
    { open: c.LeftBrace[0]!, nodes: c.importedName, commas: c.Comma, close: c.RightBrace[0]! },
    ({ children: { name, As, alias } }) =>
      As
        ? row(w.word(name[0]!), space, w.word(As[0]!), space, w.word(alias![0]!))
        : w.word(name[0]!),
    w,
  );
  const inOrder = source.sort((a, b) => a.startOffset - b.startOffset);
  return row(
    w.word(c.Use[0]!),
    space,
    inOrder.map((token) => w.word(token)),
    names,
  );
}

function itemDoc({ children: c }: ItemCstNode, w: Written): Doc {
  if (c.layer) return layerDoc(c.layer[0]!, w);
  if (c.order) return orderDoc(c.order[0]!, w);
  return c.block ? blockDoc(c.block[0]!, w) : modelDoc(c.model![0]!, w);
}

function layerDoc({ children: c }: LayerCstNode, w: Written): Doc {
  const output = row(space, w.word(c.Arrow[0]!), space, shapeDoc(c.shape[0]!, w));
  const body = bodyDoc(c.body[0]!, w);
  return declaration({ ...c, keyword: c.Layer[0]!, name: c.Identifier[0]!, output, body }, w);
}

function orderDoc({ children: c }: OrderCstNode, w: Written): Doc {
  const body = orderBodyDoc(c.orderBody[0]!, w);
  return declaration({ ...c, keyword: c.Order[0]!, name: c.Identifier[0]!, body }, w);
}

function blockDoc({ children: c }: BlockCstNode, w: Written): Doc {
  const { LeftBrace, let: lets = [], row: rows, RightBrace } = c.blockBody[0]!.children;
  const lines = [...lets.map((node) => ({ node, doc: letDoc(node, w) })), ...rowLines(rows, w)];
  const body = braces(LeftBrace[0]!, lines, RightBrace[0]!, w);
  return declaration({ ...c, keyword: c.Block[0]!, name: c.Identifier[0]!, body }, w);
}

function modelDoc({ children: c }: ModelCstNode, w: Written): Doc {
  const { LeftBrace, setting, budget, let: lets, pipeline, RightBrace } = c.modelBody[0]!.children;
  const lines = [
    ...(setting ?? []).map((node) => ({ node, doc: settingDoc(node, w) })),
    ...(budget ?? []).map((node) => ({ node, doc: budgetDoc(node, w) })),
    ...(lets ?? []).map((node) => ({ node, doc: letDoc(node, w) })),
    ...pipeline.map((node) => ({ node, doc: pipelineDoc(node, w) })),
  ];
  lines.sort((a, b) => a.node.location!.startOffset - b.node.location!.startOffset);
  const output = c.Arrow && row(space, w.word(c.Arrow[0]!), space, w.word(c.output![0]!));
  const body = braces(LeftBrace[0]!, lines, RightBrace[0]!, w);
  return declaration({ ...c, keyword: c.Model[0]!, name: c.name[0]!, output, body }, w);
}

function settingDoc({ children: c }: SettingCstNode, w: Written): Doc {
  const value = expressionDoc(c.expression[0]!, w);
  return row(w.word(c.Identifier[0]!), w.word(c.Colon[0]!), space, value);
}

interface Declaration {
  readonly keyword: IToken;
  readonly name: IToken;
  readonly params?: readonly ParamsCstNode[];
  readonly inputs?: readonly InputsCstNode[];
  readonly output?: Doc | undefined;
  readonly where?: readonly WhereCstNode[];
  readonly body: Doc;
}

function declaration(
  { keyword, name, params, inputs, output = row(), where, body }: Declaration,
  w: Written,
): Doc {
  const start = row(w.word(keyword), space, w.word(name));
  const parameters = params ? paramsDoc(params[0]!, w) : row();
  const tensors = inputs ? row(space, inputsDoc(inputs[0]!, w)) : row();
  const short = row(start, parameters, tensors, output);
  if (!where && fitsFlat(row(short, space, body))) return row(short, space, group(body));
  const end = where ? 0 : ' {'.length;
  const fits = fitsFlat(short, end);
  const rest = row(tensors, output);
  // What stands before the inputs is the `)` of the parameters, or all of the start.
  const mayBreak = params ? !fitsFlat(rest, end + 1) : !fits;
  const signature =
    mayBreak && inputs ? row(space, broken(inputsDoc(inputs[0]!, w)), output) : rest;
  const head = row(start, fits ? parameters : broken(parameters), signature);
  return where
    ? row(head, whereDoc(where[0]!, w), hardLine(), broken(group(body)))
    : row(head, space, broken(group(body)));
}

function paramsDoc({ children: c }: ParamsCstNode, w: Written): Doc {
  return bracketed(
    { open: c.LeftParen[0]!, nodes: c.param, commas: c.Comma, close: c.RightParen[0]! },
    (node) => paramDoc(node, w),
    w,
  );
}

function paramDoc({ children: c }: ParamCstNode, w: Written): Doc {
  const start = row(
    w.word(c.Identifier[0]!),
    w.word(c.Colon[0]!),
    space,
    typeDoc(c.paramType[0]!, w),
  );
  if (!c.Equal) return start;
  return row(start, space, w.word(c.Equal[0]!), space, expressionDoc(c.expression![0]!, w));
}

function typeDoc({ children: c }: ParamTypeCstNode, w: Written): Doc {
  if (c.name) return w.word(c.name[0]!);
  return bracketed(
    { open: c.LeftBrace![0]!, nodes: c.member, commas: c.Comma, close: c.RightBrace![0]! },
    (token) => w.word(token),
    w,
  );
}

function inputsDoc({ children: c }: InputsCstNode, w: Written): Doc {
  return bracketed(
    { open: c.LeftParen[0]!, nodes: c.inputDeclaration, commas: c.Comma, close: c.RightParen[0]! },
    ({ children: { Identifier, Colon, shape } }) =>
      row(w.word(Identifier[0]!), w.word(Colon[0]!), space, shapeDoc(shape[0]!, w)),
    w,
  );
}

function whereDoc({ children: c }: WhereCstNode, w: Written): Doc {
  const conditions = c.expression.map((node, i) => {
    const doc = expressionDoc(node, w);
    return c.Comma?.[i] ? row(doc, w.word(c.Comma[i])) : doc;
  });
  const list = conditions.flatMap((doc, i) => (i > 0 ? [line, doc] : [doc]));
  return indent(hardLine(), w.word(c.Where[0]!), space, group(indent(list)));
}
