// Text of manifest.json in, a checked manifest out: strict JSON, the version, the schema, then every reference inside
// it (kernels, slots, packs, inputs, symbols). What comes out needs no further doubt. Reads no files.
import { ManifestError } from './errors.ts';
import {
  type DispatchStep,
  MANIFEST_VERSION,
  type Manifest,
  manifestSchema,
  type Size,
  type Step,
} from './manifest.ts';
import { turnLevel } from './size.ts';
import { type Json, parseStrictJson } from './strict-json.ts';
import { product } from './weights.ts';

const MAX_LISTED = 20;
const MAX_TURNS = 1_000_000;

/**
 * The manifest in the text of `manifest.json`, held against its schema and in itself.
 * @throws ManifestError where it is no JSON, of no bundle or of another version; else one that lists all faults
 */
export function parseManifest(text: string): Manifest {
  const json = parseJson(text);
  checkVersion(json);
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw new ManifestError(
      'manifest.json does not follow its schema:',
      parsed.error.issues
        .slice(0, MAX_LISTED)
        .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`),
    );
  checkManifest(parsed.data);
  return parsed.data;
}

function parseJson(text: string): Json {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new ManifestError(`manifest.json is not valid JSON: ${(error as Error).message}.`);
  }
}

function checkVersion(json: Json): void {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ManifestError('manifest.json holds no object.');
  if (json.format !== 'bform-bundle')
    throw new ManifestError(
      'manifest.json does not describe a bform bundle (its "format" differs).',
    );
  if (json.version !== MANIFEST_VERSION)
    throw new ManifestError(
      `The bundle has manifest version ${JSON.stringify(json.version)}, this runtime reads version ${MANIFEST_VERSION}. ` +
        'Compile the model again with this version of bform, or install the version that made it.',
    );
}

/** Throws one `ManifestError` that lists every reference of the manifest to something that it does not hold. */
export function checkManifest(manifest: Manifest): void {
  const problems = [...programProblems(manifest), ...packProblems(manifest)];
  if (manifest.decode) problems.push(...decodeProblems(manifest, manifest.decode));
  if (problems.length > 0)
    throw new ManifestError('manifest.json contradicts itself:', problems.slice(0, MAX_LISTED));
}

function* decodeProblems(
  manifest: Manifest,
  decode: NonNullable<Manifest['decode']>,
): Generator<string> {
  yield* programProblems({ ...manifest, ...decode });
  for (const slot of decode.kept)
    if (!decode.slots[slot]) yield `decoding keeps slot ${slot}, which does not exist`;
  for (const input of [decode.past, decode.last])
    if (!decode.inputs[input]) yield `decoding is told by input ${input}, which does not exist`;
  for (const name of ['b', decode.capacity])
    if (!decode.symbols.some((symbol) => symbol.name === name))
      yield `decoding has no size ${name}`;
}

function programProblems(manifest: Manifest): string[] {
  const problems = [
    ...sizeProblems(manifest),
    ...outputProblems(manifest),
    ...stepProblems(manifest, manifest.steps, []),
    ...uniformProblems(manifest),
    ...fileProblems(manifest),
  ];
  const turns = countDispatches(manifest.steps);
  if (turns > MAX_TURNS) problems.push(`it runs ${turns} dispatches, over ${MAX_TURNS}`);
  return problems;
}

/** The steps of the tree that run a kernel, in order, each once however often it repeats. */
export function* dispatchSteps(steps: readonly Step[]): Generator<DispatchStep> {
  for (const step of steps) {
    if (step.kind === 'dispatch') yield step;
    else yield* dispatchSteps(step.steps);
  }
}

function countDispatches(steps: readonly Step[]): number {
  let count = 0;
  for (const step of steps)
    count += step.kind === 'dispatch' ? 1 : step.count * countDispatches(step.steps);
  return count;
}

function* sizeProblems(manifest: Manifest): Generator<string> {
  const known = new Set(manifest.symbols.map(({ name }) => name));
  const sizes: Size[] = [
    ...[...manifest.inputs, ...manifest.outputs].flatMap(({ shape }) => shape),
    ...manifest.slots.flatMap(({ bytes }) => bytes),
  ];
  const words = new Set<string>();
  for (const { params, grid } of dispatchSteps(manifest.steps)) {
    sizes.push(...grid.map(({ count }) => count));
    // Turns are looked at where the repeats around a step are known.
    for (const { powers } of params.flat())
      for (const [name] of powers) if (turnLevel(name) === undefined) words.add(name);
  }
  const unknown = new Set<string>();
  for (const { name, quotient } of manifest.rounded) {
    for (const { powers } of quotient)
      for (const [part] of powers) if (!known.has(part)) unknown.add(part);
    if (known.has(name)) yield `two sizes are called ${name}`;
    known.add(name);
  }
  const used = sizes.flat().flatMap(({ powers }) => powers.map(([name]) => name));
  for (const name of [...used, ...words]) if (!known.has(name)) unknown.add(name);
  for (const name of unknown) yield `a size uses the symbol ${name}, which is not declared`;
}

function* packProblems(manifest: Manifest): Generator<string> {
  for (const [id, { repeats, elements, weights }] of manifest.packs.entries()) {
    if (product(repeats) > MAX_TURNS) yield `pack ${id} has over ${MAX_TURNS} copies`;
    let end = 0;
    for (const { name, shape, offset } of weights) {
      if (offset < end) yield `weight ${name} overlaps another in pack ${id}`;
      end = offset + product(shape);
      if (end > elements) yield `weight ${name} exceeds pack ${id} of ${elements} elements`;
      for (const [, level] of name.matchAll(/\{(\d+)\}/g))
        if (Number(level) >= repeats.length) yield `weight ${name} names a repeat it is not in`;
    }
  }
}

function* outputProblems(manifest: Manifest): Generator<string> {
  for (const { name, slot } of manifest.outputs)
    if (!manifest.slots[slot]) yield `output ${name} is in slot ${slot}, which does not exist`;
  for (const list of [manifest.inputs, manifest.outputs]) {
    const names = list.map(({ name }) => name);
    for (const name of names.filter((n, i) => names.indexOf(n) < i))
      yield `the name ${name} is used twice`;
  }
}

/** `turns`: the counts of the repeats around the steps, outermost first. */
function* stepProblems(
  manifest: Manifest,
  steps: readonly Step[],
  turns: readonly number[],
): Generator<string> {
  for (const step of steps) {
    if (step.kind === 'repeat') {
      for (const slot of step.swap ?? [])
        if (!manifest.slots[slot]) yield `a repeat swaps slot ${slot}, which does not exist`;
      yield* stepProblems(manifest, step.steps, [...turns, step.count]);
      continue;
    }
    const kernel = manifest.kernels[step.kernel];
    if (!kernel) yield `${step.label} runs kernel ${step.kernel}, which does not exist`;
    else if (kernel.bindings.length !== step.resources.length)
      yield `${step.label} binds ${step.resources.length} buffers, its kernel has ${kernel.bindings.length}`;
    for (const { powers } of step.params.flat())
      for (const [name] of powers)
        if ((turnLevel(name) ?? -1) >= turns.length)
          yield `${step.label} names the turn ${name} of a repeat that it is not in`;
    for (const resource of step.resources) {
      if (resource.kind === 'input' && !manifest.inputs[resource.input])
        yield `${step.label} reads input ${resource.input}, which does not exist`;
      if (resource.kind === 'slot' && !manifest.slots[resource.slot])
        yield `${step.label} uses slot ${resource.slot}, which does not exist`;
      if (resource.kind !== 'pack') continue;
      const pack = manifest.packs[resource.pack];
      if (!pack) yield `${step.label} reads pack ${resource.pack}, which does not exist`;
      else if (pack.repeats.some((count, level) => count !== turns[level]))
        yield `${step.label} reads pack ${resource.pack} outside the repeats that it belongs to`;
    }
  }
}

/** A kernel has a uniform or has none, of one length, wherever it runs. */
function* uniformProblems(manifest: Manifest): Generator<string> {
  const words = new Map<number, number>();
  for (const { kernel, params, label } of dispatchSteps(manifest.steps)) {
    const before = words.get(kernel) ?? params.length;
    words.set(kernel, before);
    if (before !== params.length)
      yield `${label} gives kernel ${kernel} ${params.length} parameters, another step gives ${before}`;
  }
}

function* fileProblems(manifest: Manifest): Generator<string> {
  for (const { file, sha256 } of manifest.kernels) {
    const listed = manifest.files[file];
    if (!listed) yield `kernel file ${file} is not in the list of files`;
    else if (listed.sha256 !== sha256) yield `kernel file ${file} has two different SHA-256`;
  }
  if (manifest.text && !manifest.files[manifest.text.tokenizer])
    yield `${manifest.text.tokenizer} is not in the list of files`;
  for (const name of Object.keys(manifest.files))
    if (!isSafePath(name)) yield `the file name ${JSON.stringify(name)} leaves the bundle`;
}

/** Relative, forward slashes, plain ASCII names that do not begin with a dot: nothing can point out of the folder. */
function isSafePath(path: string): boolean {
  return path.length <= 200 && /^[A-Za-z0-9_-][\w.-]*(?:\/[A-Za-z0-9_-][\w.-]*)*$/.test(path);
}
