// Loads a bundle's folder in Node: every file that the manifest lists is opened safely, read once, and held against its
// length and SHA-256 before anything of it is used. `loadModel` goes on to a session on a device of its own.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDevice } from './device-node.ts';
import { sha256 } from './digest.ts';
import { ManifestError } from './errors.ts';
import { initializeWeights } from './initialize.ts';
import { parseManifest } from './load-manifest.ts';
import { countStep, type OnLoadProgress } from './load-progress.ts';
import type { Manifest } from './manifest.ts';
import { readSafetensors } from './safetensors.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { matchWeights } from './weights.ts';

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
const WEIGHTS_FILE = 'weights.safetensors';
const SOURCE_FILE = 'source.json';

/** The contents of a bundle's folder, whole and undamaged. */
export interface LoadedBundle {
  readonly manifest: Manifest;
  /** WGSL by file name. */
  readonly kernels: ReadonlyMap<string, string>;
  /** Values by path name; absent where the bundle has no weights file. */
  readonly weights: ReadonlyMap<string, Float32Array> | undefined;
  /** The tokenizer's file, where the bundle has one. */
  readonly tokenizer: string | undefined;
  /** What it was compiled from, where the bundle says so; for the compiler to read. */
  readonly source: string | undefined;
}

/**
 * Reads a bundle's folder: every file is held against its length and SHA-256.
 * @throws ManifestError where the bundle is not whole or not of this version
 * @throws WeightsError where its weights are not those that the manifest declares
 */
export async function loadBundle(
  folder: string | URL,
  onProgress?: OnLoadProgress,
): Promise<LoadedBundle> {
  const root = await findFolder(folder);
  const manifest = parseManifest(decode('manifest.json', await readManifest(root)));
  const kernels = new Map<string, string>();
  const problems: string[] = [];
  let weights: Uint8Array | undefined;
  let tokenizer: string | undefined;
  let source: string | undefined;
  const listed = Object.entries(manifest.files);
  const total = listed.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  const read = countStep('read', total, onProgress);
  for (const [name, { bytes, sha256: digest }] of listed) {
    const content = await readBundleFile(root, name, bytes, read).catch((error: Error) => error);
    if (content instanceof Error) problems.push(content.message);
    else if ((await sha256(content)) !== digest)
      problems.push(`${name} is damaged: its SHA-256 differs`);
    else if (name === WEIGHTS_FILE) weights = content;
    else if (name === manifest.text?.tokenizer) tokenizer = decode(name, content);
    else if (name === SOURCE_FILE) source = decode(name, content);
    else if (name.startsWith('kernels/')) kernels.set(name, decode(name, content));
  }
  if (problems.length > 0) throw new ManifestError(`The bundle ${root} is not whole:`, problems);
  return {
    manifest,
    kernels,
    weights: weights && matchWeights(manifest, readSafetensors(weights).tensors),
    tokenizer,
    source,
  };
}

/** How to load a model, beside what a session takes. */
export interface LoadOptions extends SessionOptions {
  /** A device to use instead of a new one. It is then not destroyed with the session. */
  readonly device?: GPUDevice;
  /** Where the bundle has no weights they are drawn from this seed; without it that is an error. */
  readonly seed?: number;
}

/**
 * The bundle's model, ready to run. Dispose it (`using`, or `dispose()`) to free the device.
 * It comes whole or not at all; `memoryLimit` is the machine's memory unless it is given.
 * @throws ManifestError where the bundle is not whole, of another version, or has no weights and no seed is given
 * @throws WeightsError where its weights are not those that the manifest declares
 * @throws AdapterError where there is no device to open
 * @throws LimitError, KernelError, OutOfMemoryError, DeviceLostError as `openSession` does
 */
export async function loadModel(folder: string | URL, options: LoadOptions = {}): Promise<Session> {
  const { device: given, seed, ...sessionOptions } = options;
  const { onProgress } = sessionOptions;
  const { manifest, kernels, weights } = await loadBundle(folder, onProgress);
  if (!weights && seed === undefined && manifest.packs.length > 0)
    throw new ManifestError(`The bundle has no ${WEIGHTS_FILE}; give a seed to draw weights.`);
  const device = given ?? (await openDevice());
  const release = () => {
    if (!given) device.destroy();
    sessionOptions.onDispose?.();
  };
  try {
    return await openSession(
      device,
      manifest,
      { kernels, weights: weights ?? initializeWeights(manifest, seed, onProgress) },
      { memoryLimit: totalmem(), ...sessionOptions, onDispose: release },
    );
  } catch (error) {
    if (!given) device.destroy();
    throw error;
  }
}

async function findFolder(folder: string | URL): Promise<string> {
  const path = folder instanceof URL ? fileURLToPath(folder) : resolve(folder);
  try {
    return await realpath(path);
  } catch {
    throw new ManifestError(`There is no bundle at ${path}.`);
  }
}

async function readManifest(root: string): Promise<Uint8Array> {
  try {
    return await readBundleFile(root, 'manifest.json', undefined);
  } catch (error) {
    throw new ManifestError(`${root} is no bundle: ${(error as Error).message}.`);
  }
}

const decode = (name: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ManifestError(`${name} is not valid UTF-8.`);
  }
};

/**
 * A regular file inside the folder, through no link. `bytes`: the length it must have; for the manifest only bounded.
 * Throws `Error` with a message for people.
 */
async function readBundleFile(
  root: string,
  name: string,
  bytes: number | undefined,
  onRead: (bytes: number) => void = () => {},
): Promise<Uint8Array> {
  const path = join(root, ...name.split('/'));
  let file: FileHandle;
  try {
    if ((await realpath(path)) !== path) throw new Error(`${name} is a link`);
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(missing ? `${name} is missing` : (error as Error).message);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${name} is no regular file`);
    if (bytes === undefined && stat.size > MAX_MANIFEST_BYTES)
      throw new Error(`${name} has ${stat.size} bytes, over ${MAX_MANIFEST_BYTES}`);
    if (bytes !== undefined && stat.size !== bytes)
      throw new Error(`${name} has ${stat.size} bytes instead of ${bytes}`);
    return await readWhole(file, name, stat.size, onRead);
  } finally {
    await file.close();
  }
}

/** In parts, because one read takes no more than 2 GiB, and to tell how far it is. */
async function readWhole(
  file: FileHandle,
  name: string,
  size: number,
  onRead: (bytes: number) => void,
): Promise<Uint8Array> {
  const content = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const length = Math.min(size - at, 2 ** 26);
    const { bytesRead } = await file.read(content, at, length, at);
    if (bytesRead === 0) throw new Error(`${name} became shorter while it was read`);
    at += bytesRead;
    onRead(bytesRead);
  }
  return content;
}
