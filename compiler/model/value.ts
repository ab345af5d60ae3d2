// What an expression is worth while a model is put together: numbers that are known now, tensors that will be
// computed, and layers that wait for their tensors. Types and small questions about them only.
//
//   Value = size | number | bool | member | string | list | tensor | layer | order | layers | poison
import type { Block, Item, Layer, Order } from '../ast/ast.ts';
import type { Related } from '../diagnostics/diagnostic.ts';
import { unreachable } from '../invariant.ts';
import type { Module } from '../modules.ts';
import type { DType, NodeId } from '../ops/op.ts';
import type { Dim } from '../shapes/dim.ts';
import type { Span } from '../source.ts';

/** An axis of a tensor: what it is called, how long it is, and where that length was written. */
export interface Axis {
  readonly label: string;
  readonly size: Dim;
  readonly origin: Span;
}

export interface Tensor {
  readonly kind: 'tensor';
  readonly id: NodeId;
  readonly dtype: DType;
  readonly axes: readonly Axis[];
}

export interface Division {
  readonly span: Span;
  readonly left: Dim;
  readonly right: Dim;
  /** Where sizes in it came from. */
  readonly related: readonly Related[];
}

/** An exact number, perhaps symbolic, perhaps a fraction: whole numbers and sizes are one thing. */
export interface SizeValue {
  readonly kind: 'size';
  readonly size: Dim;
  /** The division that left a fraction, for the message if a whole number is wanted. */
  readonly division?: Division;
}

export interface NumberValue {
  readonly kind: 'number';
  /** `undefined` in a generic check, where it depends on a parameter. */
  readonly value: number | undefined;
}

export interface BoolValue {
  readonly kind: 'bool';
  /** `undefined` in a generic check, where it depends on a parameter. */
  readonly value: boolean | undefined;
}

export interface MemberValue {
  readonly kind: 'member';
  readonly name: string;
  readonly members: readonly string[];
}

/** An argument as bound: `label` is its text if that is a plain name, and labels axes of that size. */
export interface BoundValue {
  readonly value: Value;
  readonly span: Span;
  readonly label?: string;
}

/** The declarations inside of whose bodies something was named, innermost first: what recursion is seen by. */
export interface Lineage {
  readonly item: Item;
  readonly outer: Lineage | undefined;
}

export type LayerSource =
  | {
      readonly kind: 'item';
      readonly item: Layer | Block;
      readonly module: Module;
      readonly lineage: Lineage;
    }
  /** A function of the language used as a layer: `act: tanh`. */
  | { readonly kind: 'function'; readonly name: string }
  /**
   * Stands for a layer parameter in a generic check. An activation and a router keep their tensor's shape; of others
   * nothing is known. A router is open until it is called with the experts.
   */
  | { readonly kind: 'placeholder'; readonly keepsShape: boolean; readonly isOpen?: boolean };

export interface LayerValue {
  readonly kind: 'layer';
  readonly source: LayerSource;
  readonly args: ReadonlyMap<string, BoundValue>;
  /** True once it was called with arguments: the next call applies it. */
  readonly isConfigured: boolean;
  /** The `let` or parameter that it is known by; it names the instances. */
  readonly name?: string;
  /** Where it was first given as an argument, for mistakes that show only where it is applied. */
  readonly givenAt?: Span;
  /** True for routers: applied in the frame of the layer that they were given to, without a name of their own. */
  readonly isInline?: boolean;
  /** Set for the sub-layers of rows and for repeated stages, which are applied deep inside of wirings. */
  readonly home?: InstanceHome;
}

/** Where the next instance stands, if not where the layer is applied. */
export interface InstanceHome {
  readonly path: string;
  /** For a second application: the names around, and the one to number. */
  readonly names: Map<string, number>;
  readonly outerPath: string;
  readonly name: string;
  isTaken: boolean;
}

/** A declared order that was named, not called yet. */
export interface OrderValue {
  readonly kind: 'order';
  readonly item: Order;
  readonly module: Module;
  readonly lineage: Lineage;
}

/** Sub-layers in their order. */
export interface LayersValue {
  readonly kind: 'layers';
  readonly steps: readonly OrderStep[];
}

/** A sub-layer, or steps `count` times, two or more; an unknown one is reported already, or a generic check cannot know it. */
export type OrderStep =
  | { readonly kind: 'one'; readonly layer: LayerValue; readonly span: Span }
  | {
      readonly kind: 'repeat';
      readonly count: number;
      readonly steps: readonly OrderStep[];
      readonly span: Span;
    }
  | { readonly kind: 'unknown' };

export const UNKNOWN_STEP: OrderStep = { kind: 'unknown' };

/** The value of something that was reported already: everything made of it stays silent. */
export interface Poison {
  readonly kind: 'poison';
}

export type Value =
  | SizeValue
  | NumberValue
  | BoolValue
  | MemberValue
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | Tensor
  | LayerValue
  | OrderValue
  | LayersValue
  | Poison;

export const POISON: Poison = { kind: 'poison' };

/** Numbers known now: what takes part in compile-time arithmetic. */
export type Numeric = SizeValue | NumberValue;
export const isNumeric = (value: Value): value is Numeric =>
  value.kind === 'size' || value.kind === 'number';

/** A value in a user's words: `a tensor [b, t, d]`, `the number 0.5`. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'tensor':
      return `a tensor ${shapeText(value)}`;
    case 'size':
      return value.size.terms.length > 0 && value.size.text.match(/[a-z]/i)
        ? `the size ${value.size.text}`
        : `the number ${value.size.text}`;
    case 'number':
      return value.value === undefined ? 'a number' : `the number ${value.value}`;
    case 'bool':
      return value.value === undefined ? 'a truth value' : `${value.value}`;
    case 'member':
      return `the choice \`${value.name}\``;
    case 'string':
      return 'a text';
    case 'list':
      return 'a list';
    case 'layer':
      return `the layer \`${layerName(value)}\``;
    case 'order':
      return `the order \`${value.item.name.text}\``;
    case 'layers':
      return 'an order of sub-layers';
    case 'poison':
      return 'a mistake';
    default:
      return unreachable(value, 'elaborate');
  }
}

export function layerName(layer: LayerValue): string {
  switch (layer.source.kind) {
    case 'item':
      return layer.source.item.name.text;
    case 'function':
      return layer.source.name;
    case 'placeholder':
      return layer.name ?? 'layer';
    default:
      return unreachable(layer.source, 'elaborate');
  }
}

/** `[b, t, d = 64]`: labels, and the sizes where these say more. */
export function shapeText({ dtype, axes }: Pick<Tensor, 'dtype' | 'axes'>): string {
  const parts = axes.map(axisText).filter((part, i, all) => part !== '..' || all[i - 1] !== '..');
  return `${dtype === 'f32' ? '' : dtype}[${parts.join(', ')}]`;
}

/** `d = 64`, or just `t` where label and size are one. Axes under `..` have only their size, if it is known. */
export function axisText({ label, size }: Axis): string {
  if (size.text.startsWith('..')) return '..';
  if (label === size.text || label.startsWith('..')) return size.text;
  return `${label} = ${size.text}`;
}
