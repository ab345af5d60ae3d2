// Concrete syntax tree -> syntax tree: files, their imports and declarations.
// Reports what the grammar alone cannot tell: unknown editions, types, dtypes. Resolves no names.
import type { IToken } from 'chevrotain';
import type {
  BlockCstNode,
  BudgetCstNode,
  FileCstNode,
  InputDeclarationCstNode,
  LayerCstNode,
  LimitCstNode,
  ModelCstNode,
  OrderCstNode,
  ParamCstNode,
  ParamTypeCstNode,
  RowCstNode,
  SettingCstNode,
  StepCstNode,
  TimesCstNode,
  UseCstNode,
  WhereCstNode,
} from '../../grammar/cst.generated.ts';
import type { Report } from '../diagnostics/diagnostic.ts';
import { suggest } from '../diagnostics/suggest.ts';
import { joinSpans, type SourceFile } from '../source.ts';
import type {
  AstFile,
  Block,
  Budget,
  Expr,
  Input,
  Item,
  Layer,
  Limit,
  Model,
  Order,
  Param,
  ParamType,
  ParamTypeName,
  Row,
  Setting,
  Step,
  Use,
} from './ast.ts';
import {
  buildBody,
  buildExpression,
  buildLet,
  buildShape,
  buildStepLayer,
} from './build-expression.ts';
import { type Builder, createBuilder } from './builder.ts';

/** The language's editions; the newest last. */
const EDITIONS = [1];

const PARAM_TYPES: readonly ParamTypeName[] = [
  'dim',
  'int',
  'float',
  'bool',
  'activation',
  'layer',
  'layers',
  'router',
];

/** The tree of a file. `comments` are all of the file's; those of `///` go to what they document. */
export function buildAst(
  cst: FileCstNode,
  comments: readonly IToken[],
  file: SourceFile,
  report: Report,
): AstFile {
  const b = createBuilder(file, comments, report);
  const { edition, use = [], item = [] } = cst.children;
  const number = edition?.[0]?.children.Number[0];
  const uses = use.map((node) => buildUse(node, b));
  const items = item.flatMap(({ children }): Item[] => [
    ...(children.layer ?? []).map((node) => buildLayer(node, b)),
    ...(children.order ?? []).map((node) => buildOrder(node, b)),
    ...(children.block ?? []).map((node) => buildBlock(node, b)),
    ...(children.model ?? []).map((node) => buildModel(node, b)),
  ]);
  return {
    kind: 'file',
    ...(number && { edition: buildEdition(number, b) }),
    uses,
    items,
    comments: b.remainingComments(),
    span: { file, start: 0, end: file.text.length },
  };
}

function buildEdition(number: IToken, b: Builder): NonNullable<AstFile['edition']> {
  const value = Number(number.image);
  const span = b.span(number);
  if (!EDITIONS.includes(value)) {
    b.error('BF1008', `edition ${number.image} is not known`, span, {
      hint: `this compiler knows edition ${EDITIONS.join(', ')}`,
    });
  }
  return { value, span };
}

function buildUse(node: UseCstNode, b: Builder): Use {
  const { String: path, Identifier = [], importedName } = node.children;
  const names = importedName.map(({ children }) => ({
    name: b.name(children.name[0]!),
    ...(children.alias && { alias: b.name(children.alias[0]!) }),
  }));
  const span = b.nodeSpan(node);
  if (path) {
    const from = { kind: 'file', path: b.string(path[0]!), span: b.span(path[0]!) } as const;
    return { kind: 'use', from, names, span };
  }
  const [root, ...rest] = Identifier.map((token) => b.name(token));
  if (root!.text !== 'std') {
    b.error('BF1012', `\`${root!.text}\` is no source of declarations`, root!.span, {
      hint: `write \`use std.{...}\` for the standard library, \`use "./${root!.text}.bform".{...}\` for a file`,
    });
  }
  return {
    kind: 'use',
    from: { kind: 'std', path: rest, span: joinSpans(root!.span, rest.at(-1)?.span ?? root!.span) },
    names,
    span,
  };
}

function buildLayer(node: LayerCstNode, b: Builder): Layer {
  const c = node.children;
  return {
    kind: 'layer',
    ...b.doc(c.Layer[0]!),
    name: b.name(c.Identifier[0]!),
    params: buildParams(c.params?.[0]?.children.param, b),
    inputs: buildInputs(c.inputs[0]!.children.inputDeclaration, b),
    output: buildShape(c.shape[0]!, b),
    where: buildWhere(c.where, b),
    body: buildBody(c.body[0]!, b),
    span: b.nodeSpan(node),
  };
}

function buildOrder(node: OrderCstNode, b: Builder): Order {
  const c = node.children;
  return {
    kind: 'order',
    ...b.doc(c.Order[0]!),
    name: b.name(c.Identifier[0]!),
    params: buildParams(c.params?.[0]?.children.param, b),
    where: buildWhere(c.where, b),
    steps: c.orderBody[0]!.children.step.map((s) => buildStep(s, b)),
    span: b.nodeSpan(node),
  };
}

function buildBlock(node: BlockCstNode, b: Builder): Block {
  const c = node.children;
  const body = c.blockBody[0]!.children;
  return {
    kind: 'block',
    ...b.doc(c.Block[0]!),
    name: b.name(c.Identifier[0]!),
    params: buildParams(c.params?.[0]?.children.param, b),
    where: buildWhere(c.where, b),
    lets: (body.let ?? []).map((l) => buildLet(l, b)),
    rows: body.row.map((r) => buildRow(r, b)),
    span: b.nodeSpan(node),
  };
}

function buildModel(node: ModelCstNode, b: Builder): Model {
  const c = node.children;
  const body = c.modelBody[0]!.children;
  return {
    kind: 'model',
    ...b.doc(c.Model[0]!),
    name: b.name(c.name[0]!),
    params: buildParams(c.params?.[0]?.children.param, b),
    ...(c.inputs && { inputs: buildInputs(c.inputs[0]!.children.inputDeclaration, b) }),
    ...(c.output && { outputName: b.name(c.output[0]!) }),
    where: buildWhere(c.where, b),
    settings: (body.setting ?? []).map((s) => buildSetting(s, b)),
    budgets: (body.budget ?? []).map((node) => buildBudget(node, b)),
    lets: (body.let ?? []).map((l) => buildLet(l, b)),
    pipeline: body.pipeline[0]!.children.step.map((s) => buildStep(s, b)),
    span: b.nodeSpan(node),
  };
}

function buildParams(nodes: readonly ParamCstNode[] = [], b: Builder): Param[] {
  return nodes.map((node) => {
    const { Identifier, paramType, expression } = node.children;
    return {
      name: b.name(Identifier[0]!),
      type: buildParamType(paramType[0]!, b),
      ...(expression && { default: buildExpression(expression[0]!, b) }),
      span: b.nodeSpan(node),
    };
  });
}

function buildParamType(node: ParamTypeCstNode, b: Builder): ParamType {
  const { name, member } = node.children;
  const span = b.nodeSpan(node);
  if (!name) return { kind: 'enum', members: (member ?? []).map((m) => b.name(m)), span };
  const text = name[0]!.image;
  const known = PARAM_TYPES.find((type) => type === text);
  if (!known) {
    const near = suggest(text, PARAM_TYPES);
    b.error('BF1013', `there is no parameter type \`${text}\``, span, {
      hint: near
        ? `did you mean \`${near}\`?`
        : `the types are ${PARAM_TYPES.join(', ')}, or \`{a, b}\``,
    });
  }
  return { kind: 'named', name: known ?? 'dim', span };
}

function buildInputs(nodes: readonly InputDeclarationCstNode[] = [], b: Builder): Input[] {
  return nodes.map((node) => ({
    name: b.name(node.children.Identifier[0]!),
    shape: buildShape(node.children.shape[0]!, b),
    span: b.nodeSpan(node),
  }));
}

function buildWhere(nodes: readonly WhereCstNode[] | undefined, b: Builder): Expr[] {
  return (nodes?.[0]?.children.expression ?? []).map((e) => buildExpression(e, b));
}

function buildSetting(node: SettingCstNode, b: Builder): Setting {
  return {
    name: b.name(node.children.Identifier[0]!),
    value: buildExpression(node.children.expression[0]!, b),
    span: b.nodeSpan(node),
  };
}

const buildBudget = (node: BudgetCstNode, b: Builder): Budget => ({
  limits: node.children.limit.map((limit) => buildLimit(limit, b)),
  span: b.nodeSpan(node),
});

function buildLimit(node: LimitCstNode, b: Builder): Limit {
  const { Identifier, Quantity, Number: plain, limitSize = [] } = node.children;
  const [number] = (Quantity ?? plain)!;
  return {
    name: b.name(Identifier[0]!),
    atMost: { text: number!.image, span: b.span(number!) },
    sizes: limitSize.map(({ children, ...size }) => ({
      name: b.name(children.Identifier[0]!),
      value: Number(children.Number[0]!.image.replaceAll('_', '')),
      span: b.nodeSpan({ children, ...size }),
    })),
    span: b.nodeSpan(node),
  };
}

function buildRow(node: RowCstNode, b: Builder): Row {
  return {
    wiring: buildStepLayer(node.children.wiring[0]!, b),
    steps: node.children.step.map((s) => buildStep(s, b)),
    span: b.nodeSpan(node),
  };
}

function buildStep(node: StepCstNode, b: Builder): Step {
  const { stepLayer, stepGroup, times: timesNode } = node.children;
  const times = timesNode && { times: buildTimes(timesNode[0]!, b) };
  const span = b.nodeSpan(node);
  if (stepLayer) return { kind: 'one', layer: buildStepLayer(stepLayer[0]!, b), ...times, span };
  const steps = stepGroup![0]!.children.step.map((s) => buildStep(s, b));
  return { kind: 'group', steps, ...times, span };
}

function buildTimes(node: TimesCstNode, b: Builder): Expr {
  const { Number: number, Identifier: name, parenthesized } = node.children;
  if (number) return b.number(number[0]!);
  if (name) return { kind: 'name', text: name[0]!.image, span: b.span(name[0]!) };
  return buildExpression(parenthesized![0]!.children.expression[0]!, b);
}
