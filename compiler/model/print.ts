// Model -> text: the tree of instances, each with its layer, the shapes it takes and gives, and its weights.
//
//   model hello(tokens: i32[b, t]) -> logits: f32[b, t, 256]
//     vocab: 256
//     embed: embed(d: 128, std: 0.02) i32[b, t] -> f32[b, t, 128]
//       weight table: [256, 128] = normal(std: 0.02)
//     blocks * 4: f32[b, t, 128]
//       ...
//
// The same model gives the same text. Operations are not shown: the graph's printer shows those.
import type { Initializer, WeightSpec } from '../graph/graph.ts';
import { unreachable } from '../invariant.ts';
import type { NodeId, TensorType } from '../ops/op.ts';
import { typeText } from '../ops/type-text.ts';
import type { CostLimit } from './cost-limit.ts';
import type { Body, BoundArgument, LayerRef, Model, Step } from './model.ts';

export function printModel(model: Model): string {
  const types = typesOf(model.body);
  const typeAt = (id: NodeId): string => typeText(types.get(id)!);
  const inputs = model.inputs.map(({ name, type }) => `${name}: ${typeText(type)}`);
  const [result, ...auxiliary] = model.outputs;
  const lines = [
    `model ${model.name}(${inputs.join(', ')}) -> ${result!.name}: ${typeText(result!.type)}`,
  ];
  for (const [name, value] of Object.entries(model.settings)) lines.push(`  ${name}: ${value}`);
  for (const limit of model.budget) lines.push(`  ${limitText(limit)}`);
  for (const { name, kind, type } of auxiliary) lines.push(`  ${kind} ${name}: ${typeText(type)}`);
  const weights = new Map(model.weights.map((weight) => [weight.name, weight]));
  printBody(model.body, '', '  ', lines, { typeAt, weights, shown: new Set() });
  return `${lines.join('\n')}\n`;
}

function limitText({ quantity, atMost, sizes }: CostLimit): string {
  const at = Object.entries(sizes).map(([name, size]) => `${name} = ${size}`);
  return `${quantity} <= ${atMost}${at.length > 0 ? ` at ${at.join(', ')}` : ''}`;
}

interface Printing {
  readonly typeAt: (id: NodeId) => string;
  readonly weights: ReadonlyMap<string, WeightSpec>;
  /** Weights are shown where they are read first. */
  readonly shown: Set<string>;
}

function printBody(
  body: Body,
  path: string,
  indent: string,
  lines: string[],
  printing: Printing,
): void {
  for (const step of body.steps) {
    switch (step.kind) {
      case 'op':
        if (step.node.op.kind === 'weight') {
          printWeight(step.node.op.name, path, indent, lines, printing);
        }
        break;
      case 'call': {
        const { instance } = step;
        const inputs = instance.inputs.map(printing.typeAt).join(', ');
        const result = printing.typeAt(instance.body.result);
        const name = relative(instance.path, path);
        lines.push(`${indent}${name}: ${layerText(instance.layer)} ${inputs} -> ${result}`);
        printBody(instance.body, instance.path, `${indent}  `, lines, printing);
        break;
      }
      case 'repeat':
        lines.push(
          `${indent}${relative(step.path, path)} * ${step.count}: ${typeText(step.param.type)}`,
        );
        printBody(step.body, step.path, `${indent}  `, lines, printing);
        break;
      case 'experts':
        lines.push(`${indent}one of ${step.count} experts on each row:`);
        printBody(step.body, path, `${indent}  `, lines, printing);
        break;
      default:
        unreachable(step, 'elaborate');
    }
  }
}

function printWeight(
  name: string,
  path: string,
  indent: string,
  lines: string[],
  { weights, shown }: Printing,
): void {
  const weight = weights.get(name)!;
  if (shown.has(name)) {
    lines.push(`${indent}weight tied to ${name}`);
    return;
  }
  shown.add(name);
  const shape = weight.shape.join(', ');
  lines.push(
    `${indent}weight ${relative(name, path)}: [${shape}] = ${initializerText(weight.init)}`,
  );
}

/** The part of a path below another. */
const relative = (path: string, above: string): string =>
  above !== '' && path.startsWith(`${above}.`) ? path.slice(above.length + 1) : path;

type NumberText = (value: number) => string;

/** `ffn(hidden: 512, act: gelu)`. */
export function layerText(layer: LayerRef, numberText: NumberText = String): string {
  return layer.args.length === 0
    ? layer.name
    : `${layer.name}(${argumentsText(layer, numberText)})`;
}

/** `hidden: 512, act: gelu`. */
export const argumentsText = ({ args }: LayerRef, numberText: NumberText = String): string =>
  args.map(([param, value]) => `${param}: ${argumentText(value, numberText)}`).join(', ');

function argumentText(value: BoundArgument, numberText: NumberText): string {
  switch (value.kind) {
    case 'size':
      return value.text;
    case 'number':
      return numberText(value.value);
    case 'bool':
      return String(value.value);
    case 'member':
      return value.name;
    case 'layer':
      return layerText(value.layer, numberText);
    case 'layers':
      return `[${value.layers.map((layer) => layerText(layer, numberText)).join(', ')}]`;
    default:
      return unreachable(value, 'elaborate');
  }
}

function initializerText(init: Initializer): string {
  switch (init.kind) {
    case 'zeros':
    case 'ones':
      return init.kind;
    case 'constant':
      return `constant(${init.value})`;
    case 'normal':
      return `normal(std: ${init.std})`;
    case 'uniform':
      return `uniform(low: ${init.low}, high: ${init.high})`;
    default:
      return unreachable(init, 'elaborate');
  }
}

/** The type of every value of a body and of those inside of it. */
function typesOf(body: Body, types = new Map<NodeId, TensorType>()): Map<NodeId, TensorType> {
  const note = (step: Step): void => {
    if (step.kind === 'op') types.set(step.node.id, step.node.type);
    else if (step.kind === 'call') typesOf(step.instance.body, types);
    else {
      const type = step.kind === 'experts' ? step.type : step.param.type;
      types.set(step.id, type).set(step.param.id, step.param.type);
      typesOf(step.body, types);
    }
  };
  body.steps.forEach(note);
  return types;
}
