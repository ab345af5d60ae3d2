// Reads a Hugging Face model folder: config.json, the tensors of one or of several safetensors files, the tokenizer.
// Checks that the files are there and well-formed; what they mean is for the architectures' importers.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, type StoredTensor } from '../../runtime/safetensors.ts';
import type { OnStep } from '../progress.ts';
import { readAll } from '../read-bytes.ts';
import { ImportError } from './import-plan.ts';

export interface HfFolder {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** The text of tokenizer.json, where there is one. */
  readonly tokenizer?: string;
  /** `tokenizer_config.json` and `generation_config.json`; empty where absent. */
  readonly tokenizerConfig: Readonly<Record<string, unknown>>;
  readonly generationConfig: Readonly<Record<string, unknown>>;
}

/** @throws {ImportError} naming the file that is missing or malformed; `WeightsError` for a bad safetensors file. */
export function readHfFolder(folder: string, onStep?: OnStep): HfFolder {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new ImportError(`${folder} is no folder.`);
  const config = readObject(folder, 'config.json');
  if (!config) throw new ImportError(`${folder} holds no config.json.`);
  const tokenizerFile = join(folder, 'tokenizer.json');
  return {
    config,
    tensors: readTensors(folder, onStep),
    ...(existsSync(tokenizerFile) && { tokenizer: readFileSync(tokenizerFile, 'utf8') }),
    tokenizerConfig: readObject(folder, 'tokenizer_config.json') ?? {},
    generationConfig: readObject(folder, 'generation_config.json') ?? {},
  };
}

function readObject(folder: string, name: string): Record<string, unknown> | undefined {
  const file = join(folder, name);
  if (!existsSync(file)) return undefined;
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new ImportError(`${file} is not valid JSON: ${(error as Error).message}`);
  }
  throw new ImportError(`${file} holds no object.`);
}

function readTensors(folder: string, onStep: OnStep | undefined): Map<string, StoredTensor> {
  const index = readObject(folder, 'model.safetensors.index.json');
  const files = index ? shardsOf(index) : ['model.safetensors'];
  const missing = files.filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0)
    throw new ImportError(
      `${folder} lacks ${missing.join(', ')}. Only safetensors files are read; convert others first.`,
    );
  const tensors = new Map<string, StoredTensor>();
  const contents = readAll(
    files.map((file) => join(folder, file)),
    onStep,
  );
  for (const content of contents) {
    for (const [name, tensor] of readSafetensors(content).tensors) {
      if (tensors.has(name))
        throw new ImportError(`${name} is in more than one file of ${folder}.`);
      tensors.set(name, tensor);
    }
  }
  return tensors;
}

function shardsOf(index: Readonly<Record<string, unknown>>): string[] {
  const map = index.weight_map;
  const files = typeof map === 'object' && map !== null ? [...new Set(Object.values(map))] : [];
  if (files.length === 0 || !files.every(isPlainName))
    throw new ImportError('model.safetensors.index.json has no usable weight_map.');
  return files;
}

const isPlainName = (name: unknown): name is string =>
  typeof name === 'string' && /^[\w-][\w.-]*\.safetensors$/.test(name);
