// The contract between compiler and runtime: `manifest.json` of a bundle, and nothing but JSON.
// The schema is the authority; types are read off it. Does not know how a bundle is made or run.
import * as z from 'zod';

/** Raised by one whenever an older runtime could misread a newer bundle. */
export const MANIFEST_VERSION = 1;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A size: a sum of `coefficient * product of symbols ^ power`, e.g. `4*b*t + 1`. Whole and not negative at run time. */
export const sizeSchema = z.array(
  z.strictObject({
    num: z.number().int(),
    den: z.number().int().min(1),
    powers: z.array(z.tuple([z.string(), z.number().int()])),
  }),
);

const dtype = z.enum(['f32', 'i32', 'bool']);

/** `input` and `slot` are buffers of the session; `pack` is the turn's copy of a weight pack. */
const resource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('input'), input: count }),
  z.strictObject({ kind: z.literal('slot'), slot: count }),
  z.strictObject({ kind: z.literal('pack'), pack: count }),
]);

const dispatchStep = z.strictObject({
  kind: z.literal('dispatch'),
  /** For error messages and profiles: the layer paths computed here. */
  label: z.string(),
  kernel: count,
  /** In the order of the kernel's bindings. */
  resources: z.array(resource),
  /**
   * The u32 words of the uniform, which is the kernel's last binding; a kernel without words has no uniform. Here `{0}`,
   * `{1}`, ... stand for the turns of the repeats around the step, outermost first.
   */
  params: z.array(sizeSchema),
  /**
   * Workgroups: product of ceil(count / per), folded into three dimensions by the runtime. A kernel numbers them
   * `x + y * sizeX + z * sizeX * sizeY` and skips numbers past the end.
   */
  grid: z.array(z.strictObject({ count: sizeSchema, per: z.number().int().min(1) })),
});

export type DispatchStep = z.infer<typeof dispatchStep>;
/** After each turn the buffers of the two `swap` slots change roles; absent where a turn writes what it read. */
export type RepeatStep = {
  kind: 'repeat';
  count: number;
  swap?: [number, number] | undefined;
  steps: Step[];
};
export type Step = DispatchStep | RepeatStep;

const step: z.ZodType<Step> = z.lazy(() =>
  z.union([
    dispatchStep,
    z.strictObject({
      kind: z.literal('repeat'),
      count,
      swap: z.tuple([count, count]).optional(),
      steps: z.array(step),
    }),
  ]),
);

const initializer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('zeros') }),
  z.strictObject({ kind: z.literal('ones') }),
  z.strictObject({ kind: z.literal('constant'), value: z.number() }),
  z.strictObject({ kind: z.literal('normal'), std: z.number() }),
  z.strictObject({ kind: z.literal('uniform'), low: z.number(), high: z.number() }),
]);

const symbols = z.array(z.strictObject({ name: z.string(), min: count, max: count.optional() }));
const rounded = z.array(z.strictObject({ name: z.string(), quotient: sizeSchema }));
const inputs = z.array(
  z.strictObject({
    name: z.string(),
    dtype,
    shape: z.array(sizeSchema),
    range: z.tuple([z.number().int(), z.number().int()]).optional(),
  }),
);
const outputs = z.array(
  z.strictObject({
    name: z.string(),
    kind: z.enum(['result', 'loss', 'measure']),
    dtype,
    shape: z.array(sizeSchema),
    slot: count,
  }),
);
const slots = z.array(z.strictObject({ bytes: z.array(sizeSchema) }));
const kernels = z.array(
  z.strictObject({
    /** File below the bundle's folder, `kernels/<id>.wgsl`, with its SHA-256 in hex. Its entry point is `main`. */
    file: z.string().regex(/^kernels\/[0-9a-f]{16}\.wgsl$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    workgroup: z.tuple([count, count, count]),
    workgroupBytes: count,
    /** The kernel is written for subgroups of this size and of no other. */
    subgroupSize: count.optional(),
    bindings: z.array(
      z.strictObject({
        access: z.enum(['read', 'write']),
        element: z.enum(['f32', 'i32', 'u32', 'vec4f']),
      }),
    ),
  }),
);

export const manifestSchema = z.strictObject({
  format: z.literal('bform-bundle'),
  version: z.literal(MANIFEST_VERSION),
  model: z.string(),
  /** Sizes bound at run time, with their limits. */
  symbols,
  /**
   * Quotients rounded up to whole numbers, which other sizes use by these names as if they were symbols. Each is made of
   * symbols and of those before it, and need not be whole itself.
   */
  rounded,
  inputs,
  /**
   * What the model is run for, then what its layers declare: numbers to be added to a loss, and values to look at, named
   * by path with `*` for the turn of a repeat. The turns are the first axes of their shapes, the outermost repeat's first.
   */
  outputs,
  /** Bytes of each buffer of activations: the largest of the sizes. */
  slots,
  /**
   * Weights that are bound together. In `repeats` of counts [n0, n1] there is a copy for each turn (i0, i1), whose
   * tensors' names are the templates with `{0}`, `{1}` replaced. Offsets are in elements from the copy's start.
   */
  packs: z.array(
    z.strictObject({
      repeats: z.array(count),
      elements: count,
      weights: z.array(
        z.strictObject({
          name: z.string(),
          shape: z.array(count),
          offset: count,
          init: initializer,
        }),
      ),
    }),
  ),
  kernels,
  steps: z.array(step),
  /**
   * What computes a text step by step, where the model allows it: another program of the same weights. It takes some new
   * tokens of each text after those that it keeps, and gives its results for one of them.
   */
  decode: z
    .strictObject({
      symbols,
      rounded,
      inputs,
      outputs,
      slots,
      kernels,
      steps: z.array(step),
      /** Slots whose contents are kept from run to run; zeros before the first. */
      kept: z.array(count),
      /** Inputs i32 [b]: how many tokens of each text came before, and which of the new ones is the last. */
      past: count,
      last: count,
      /** The symbol for how many tokens there is room for, and one more. */
      capacity: z.string(),
    })
    .optional(),
  /** Why there is no `decode`, in words: "the layer `g` (moe) chooses among all positions of a text". */
  undecodable: z.string().optional(),
  /** The tokenizer's file in the bundle, where it has one, and the ids that begin and end a text. */
  text: z
    .strictObject({
      tokenizer: z.literal('tokenizer.json'),
      begin: count.optional(),
      end: z.array(count),
    })
    .optional(),
  /** Length and SHA-256 of every other file of the bundle, by name. */
  files: z.record(z.string(), z.strictObject({ bytes: count, sha256: z.string() })),
});

/** What `manifest.json` holds: docs/bundle.md has its parts. */
export type Manifest = z.infer<typeof manifestSchema>;
export type Size = z.infer<typeof sizeSchema>;
export type Resource = z.infer<typeof resource>;
export type Initializer = z.infer<typeof initializer>;
