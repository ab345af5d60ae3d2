// The workloads as ONNX models, for both onnxruntimes: operators of ai.onnx alone. Its fused attention operators give wrong
// results on lavapipe (largest error 0.19) unless subgroups are hidden, so attention is written out.

import { DATA_TYPE, encodeModel } from '../../dist/compiler/export/onnx-proto.js';
import { createWriter } from '../../dist/compiler/export/writer.js';
import { resultShape, weightShapes } from '../workloads.mjs';

const OPSET = 20;

/** The model's bytes, and what it is to be fed: values and shapes by name. The result is `y`. */
export function onnxModel(workload, inputs) {
  const w = createWriter(new Map());
  const constant = (name, shape, values) => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    w.add({ name, dataType: DATA_TYPE.float, dims: shape, rawData: bytes });
    return name;
  };
  const { kind, M, K, N, T, d } = workload;
  const shape = resultShape(workload);
  const feeds =
    kind === 'matmul'
      ? { a: { data: inputs.a, dims: [M, K] }, b: { data: inputs.b, dims: [K, N] } }
      : { x: { data: inputs.x, dims: [T, d] } };

  let y = 'x';
  if (kind === 'matmul') y = w.op('MatMul', ['a', 'b']);
  if (kind === 'chain') y = chain(w, y);
  const shapes = weightShapes(workload);
  for (const [at, weights] of (inputs.blocks ?? []).entries()) {
    const entries = Object.entries(weights).filter(
      ([name]) => kind !== 'mixture' || !/^w/.test(name),
    );
    const p = Object.fromEntries(
      entries.map(([name, values]) => [name, constant(`block${at}.${name}`, shapes[name], values)]),
    );
    if (kind === 'mixture') y = mixture(w, y, p, workload, weights, constant);
    if (p.wq) y = attention(w, y, p, workload, constant);
    if (p.w1) y = ffn(w, y, p);
  }
  w.define(['y'], 'Identity', [y]);

  const value = (name, dims) => ({
    name,
    type: {
      tensorType: {
        elemType: DATA_TYPE.float,
        shape: { dim: dims.map((dimValue) => ({ dimValue })) },
      },
    },
  });
  const bytes = encodeModel({
    irVersion: 9,
    producerName: 'bform-bench',
    graph: {
      name: kind,
      node: w.nodes,
      initializer: w.initializers,
      input: Object.entries(feeds).map(([name, { dims }]) => value(name, dims)),
      output: [value('y', shape)],
    },
    opsetImport: [{ domain: '', version: OPSET }],
  });
  return { bytes, feeds, shape };
}

const norm = (w, x, scale, shift) => w.op('LayerNormalization', [x, scale, shift]);
const gelu = (w, x) => w.op('Gelu', [x], { approximate: 'tanh' });

function chain(w, x) {
  const half = w.op('Mul', [w.op('Mul', [x, w.op('Sigmoid', [x])]), w.scalar('float', 0.5)]);
  const y = w.op('Add', [half, x]);
  const most = w.op('Max', [y, w.op('Mul', [y, w.scalar('float', 0.1)])]);
  return w.op('Sub', [most, w.scalar('float', 0.25)]);
}

function attention(w, x, p, { T, d, heads }, constant) {
  const mask = Float32Array.from({ length: T * T }, (_, at) =>
    at % T > Math.floor(at / T) ? -1e9 : 0,
  );
  const kept = w.nodes.length === 0 ? constant('mask', [T, T], mask) : 'mask';
  const normed = norm(w, x, p.g1, p.b1);
  const split = (weight, perm) =>
    w.op(
      'Transpose',
      [w.op('Reshape', [w.op('MatMul', [normed, weight]), w.list(T, heads, d / heads)])],
      { perm },
    );
  const products = w.op('MatMul', [split(p.wq, [1, 0, 2]), split(p.wk, [1, 2, 0])]);
  const scaled = w.op('Mul', [products, w.scalar('float', (d / heads) ** -0.5)]);
  const shares = w.op('Softmax', [w.op('Add', [scaled, kept])], { axis: -1 });
  const mixed = w.op('MatMul', [shares, split(p.wv, [1, 0, 2])]);
  const joined = w.op('Reshape', [w.op('Transpose', [mixed], { perm: [1, 0, 2] }), w.list(T, d)]);
  return w.op('Add', [x, w.op('MatMul', [joined, p.wo])]);
}

function ffn(w, x, p) {
  const hidden = gelu(w, w.op('MatMul', [norm(w, x, p.g2, p.b2), p.w1]));
  return w.op('Add', [x, w.op('MatMul', [hidden, p.w2])]);
}

/** Each expert finds its own rows (NonZero), computes them, and adds them to where they came from. */
function mixture(w, x, p, { d, ff, experts, chosen }, weights, constant) {
  const normed = norm(w, x, p.g, p.b);
  const [values, best] = [w.fresh('TopK'), w.fresh('TopK')];
  w.define([values, best], 'TopK', [w.op('MatMul', [normed, p.router]), w.list(chosen)]);
  const gates = w.op('Softmax', [values], { axis: -1 });
  let y = x;
  for (let e = 0; e < experts; e++) {
    const part = (name, rows, columns) => {
      const size = rows * columns;
      return constant(
        `expert${e}.${name}`,
        [rows, columns],
        weights[name].subarray(e * size, (e + 1) * size),
      );
    };
    const here = w.op('Equal', [best, w.scalar('int64', e)]);
    const places = w.op('Transpose', [w.op('NonZero', [here])], { perm: [1, 0] });
    const rows = w.op('Gather', [places, w.list(0)], { axis: 1 });
    const given = w.op('GatherND', [normed, rows]);
    const hidden = gelu(w, w.op('MatMul', [given, part('w1', d, ff)]));
    const result = w.op('MatMul', [hidden, part('w2', ff, d)]);
    const gate = w.op('Unsqueeze', [w.op('GatherND', [gates, places]), w.list(1)]);
    y = w.op('ScatterND', [y, rows, w.op('Mul', [result, gate])], { reduction: 'add' });
  }
  return y;
}
