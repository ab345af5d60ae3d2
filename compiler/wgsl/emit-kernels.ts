// The schedule's regions as WGSL kernels: one region, one kernel, one dispatch. Regions whose text comes out equal share the
// kernel. Each kind of region has a file of its own with its template. Knows neither graph nor manifest.
import { unreachable } from '../invariant.ts';
import type { DotRegion, Region, Schedule, ScheduleStep } from '../schedule/schedule.ts';
import { emitAttend } from './attend.ts';
import { createBuilder, type KernelBuilder, type Memory, memoryOf } from './builder.ts';
import { emitDot } from './dot.ts';
import { type DotTile, tileFor } from './dot-tile.ts';
import type { Launch } from './grid.ts';
import { emitGroup } from './group.ts';
import type { Dispatch, Kernel } from './kernel.ts';
import { emitMap } from './map.ts';
import { emitRows } from './rows.ts';
import { emitSegmentSum } from './segment-sum.ts';
import { sha256 } from './sha256.ts';
import { PORTABLE, type Target } from './target.ts';
import { emitTopK } from './top-k.ts';

export interface EmittedKernels {
  /** Without repetition, in the order of first use. */
  readonly kernels: readonly Kernel[];
  readonly dispatches: ReadonlyMap<Region, Dispatch>;
}

export interface EmitOptions {
  /** What runs the kernels; any device by default. */
  readonly target?: Target;
  /** Tiles of products, for those who measure; by default chosen from the sizes. */
  readonly dotTile?: (region: DotRegion) => DotTile | undefined;
}

/** What every WebGPU device can bind. */
const STORAGE_BUFFERS = 8;

export function emitKernels(schedule: Schedule, options: EmitOptions = {}): EmittedKernels {
  const memory = memoryOf(schedule);
  const kernels = new Map<string, Kernel>();
  const dispatches = new Map<Region, Dispatch>();
  for (const region of regionsOf(schedule.steps)) {
    const dispatch = emitRegion(region, memory, options);
    const kernel = kernels.get(dispatch.kernel.text) ?? dispatch.kernel;
    kernels.set(kernel.text, kernel);
    dispatches.set(region, { ...dispatch, kernel });
  }
  return { kernels: [...kernels.values()], dispatches };
}

const regionsOf = (steps: readonly ScheduleStep[]): readonly Region[] =>
  steps.flatMap((step) => (step.kind === 'region' ? [step.region] : regionsOf(step.steps)));

function emitRegion(region: Region, memory: Memory, options: EmitOptions): Dispatch {
  let builder = createBuilder(memory, true);
  let launch = emitBody(builder, region, options);
  if (builder.bindings.length > STORAGE_BUFFERS) {
    builder = createBuilder(memory, false);
    launch = emitBody(builder, region, options);
  }
  const text = builder.text(launch.workgroup);
  const kernel: Kernel = {
    id: sha256(text).slice(0, 16),
    text,
    workgroup: launch.workgroup,
    workgroupBytes: builder.workgroupBytes(),
    // The workgroup is one subgroup.
    ...(builder.hasSubgroups() && { subgroupSize: launch.workgroup[0] }),
    bindings: builder.bindings.map(({ access, element }) => ({ access, element })),
    paramWords: builder.params.length,
  };
  return {
    kernel,
    label: region.label,
    resources: builder.bindings.map(({ resource }) => resource),
    params: builder.params,
    grid: launch.grid,
  };
}

function emitBody(builder: KernelBuilder, region: Region, options: EmitOptions): Launch {
  switch (region.kind) {
    case 'map':
      return emitMap(builder, region);
    case 'rows':
      return emitRows(builder, region);
    case 'dot':
      return emitDot(
        builder,
        region,
        options.dotTile?.(region) ?? tileFor(region, options.target ?? PORTABLE),
      );
    case 'attend':
      return emitAttend(builder, region, options.target ?? PORTABLE);
    case 'group':
      return emitGroup(builder, region);
    case 'top_k':
      return emitTopK(builder, region);
    case 'segment_sum':
      return emitSegmentSum(builder, region);
    default:
      return unreachable(region, 'wgsl');
  }
}
