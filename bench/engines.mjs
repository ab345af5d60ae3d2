// The engines that are compared: the script of each, and how Node is to be started for it.
import { readFileSync } from 'node:fs';

export const ENGINES = [
  { name: 'bform', title: 'bform', script: 'bform.mjs', on: 'webgpu', package: '../package.json' },
  {
    name: 'tfjs',
    title: 'TensorFlow.js',
    script: 'peers/tfjs.mjs',
    on: 'webgpu',
    package: '@tensorflow/tfjs',
  },
  {
    name: 'jax-js',
    title: 'jax-js',
    script: 'peers/jax-js.mjs',
    on: 'webgpu',
    package: '@jax-js/jax',
  },
  {
    name: 'ort-web',
    title: 'onnxruntime-web',
    script: 'peers/ort-web.mjs',
    on: 'webgpu',
    package: 'onnxruntime-web',
    node: ['--liftoff-only'],
  },
  {
    name: 'ort-node',
    title: 'onnxruntime-node, WebGPU',
    script: 'peers/ort-node.mjs',
    given: ['webgpu'],
    on: 'webgpu',
    package: 'onnxruntime-node',
  },
  {
    name: 'ort-cpu',
    title: 'onnxruntime-node, CPU',
    script: 'peers/ort-node.mjs',
    given: ['cpu'],
    on: 'cpu',
    package: 'onnxruntime-node',
  },
];

export function versionOf(engine) {
  const path = engine.package.startsWith('..')
    ? engine.package
    : `node_modules/${engine.package}/package.json`;
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version;
}
