// The source that a bundle was made from, in the bundle: one file of JSON with the text of every .bform file that was
// read, the library's too, and what else the compiler was told. Compiled again it gives the same model.
import { posix } from 'node:path';
import * as z from 'zod';
import {
  type Compilation,
  type CompileOptions,
  compile,
  type Outcome,
} from '../compiler/compile.ts';
import type { SourceReader } from '../compiler/modules.ts';
import type { Target } from '../compiler/wgsl/target.ts';
import type { LoadedBundle } from '../runtime/load-node.ts';
import { UserError } from './exit.ts';

const SOURCE_FILE = 'source.json';

const recordSchema = z.strictObject({
  /** The file that was compiled, one of `files`. */
  entry: z.string(),
  model: z.string().optional(),
  args: z.record(z.string(), z.string()),
  /** Whether losses and measured values are outputs. */
  auxiliary: z.boolean().default(false),
  bindingLimit: z.number().int().min(1).optional(),
  /** What the kernels were written for; any adapter where absent. */
  target: z
    .strictObject({ software: z.boolean(), subgroupSize: z.number().int().min(1).optional() })
    .optional(),
  /** Text by path, with forward slashes, from the folder that holds all of them. */
  files: z.record(z.string(), z.string()),
  /** The files of the standard library that were read. */
  library: z.record(z.string(), z.string()),
});

export type SourceRecord = z.infer<typeof recordSchema>;

export interface RecordedOptions {
  readonly model?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly auxiliary?: boolean;
  readonly maxBindingBytes?: number;
  readonly target?: Target;
}

/** What came of compiling a file, with a record of what was read for it. */
export function compileRecorded(
  path: string,
  reader: SourceReader,
  options: RecordedOptions,
): { outcome: Outcome<Compilation>; source: SourceRecord } {
  const files = new Map<string, string>();
  const library = new Map<string, string>();
  const kept = (into: Map<string, string>, name: string, text: string | undefined) => {
    if (text !== undefined) into.set(name, text);
    return text;
  };
  const outcome = compile(
    path,
    {
      ...reader,
      read: (name) => kept(files, name, reader.read(name)),
      readStd: (name) => kept(library, name, reader.readStd(name)),
    },
    options,
  );
  const folder = commonFolder([...files.keys()]);
  const named = (name: string) => posix.relative(folder, name);
  const { model, args = {}, auxiliary = false, maxBindingBytes: bindingLimit, target } = options;
  const source: SourceRecord = {
    entry: named(path),
    ...(model !== undefined && { model }),
    args: { ...args },
    auxiliary,
    ...(bindingLimit !== undefined && { bindingLimit }),
    ...(target && { target: { ...target } }),
    files: sorted([...files].map(([name, text]) => [named(name), text])),
    library: sorted([...library]),
  };
  return { outcome, source };
}

/** Where a file lies on the disk is no part of the model. */
function commonFolder(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => posix.dirname(path).split('/'));
  const isCommon = (part: string, i: number) => others.every((other) => other[i] === part);
  const end = first.findIndex((part, i) => !isCommon(part, i));
  return first.slice(0, end < 0 ? first.length : end).join('/') || '.';
}

const sorted = (texts: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));

export const printRecord = (source: SourceRecord): string => `${JSON.stringify(source, null, 1)}\n`;

/** @throws {UserError} where the bundle holds no source, or something else in its place. */
export function recordOf({ source }: LoadedBundle, place: string): SourceRecord {
  if (source === undefined)
    throw new UserError(`${place} does not hold its source (${SOURCE_FILE}): compile it again.`);
  try {
    return recordSchema.parse(JSON.parse(source));
  } catch (error) {
    throw new UserError(`${SOURCE_FILE} is not what bform writes: ${(error as Error).message}`);
  }
}

/** Compiles a bundle's source as it was compiled for the bundle. */
export function compileRecord(
  { entry, model, args, auxiliary, bindingLimit, target, files, library }: SourceRecord,
  options: CompileOptions = {},
): Outcome<Compilation> {
  const own = (texts: Readonly<Record<string, string>>) => (name: string) =>
    Object.hasOwn(texts, name) ? texts[name] : undefined;
  const reader = { read: own(files), readStd: own(library), listStd: () => Object.keys(library) };
  return compile(entry, reader, {
    args,
    auxiliary,
    ...(model !== undefined && { model }),
    ...(bindingLimit !== undefined && { maxBindingBytes: bindingLimit }),
    ...(target && { target: targetOf(target) }),
    ...options,
  });
}

const targetOf = ({ software, subgroupSize }: NonNullable<SourceRecord['target']>): Target => ({
  software,
  ...(subgroupSize !== undefined && { subgroupSize }),
});
