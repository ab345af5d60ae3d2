// `bform/runtime`: everything that a compiled bundle and its user need in Node.
export * from './browser.ts';
export { type OpenDeviceOptions, openDevice } from './device-node.ts';
export { type LoadedBundle, type LoadOptions, loadBundle, loadModel } from './load-node.ts';
