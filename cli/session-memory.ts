// The memory of a session as a figure of a report. Opens nothing.
import type { MemoryClasses } from '../compiler/report/model-report.ts';
import { LimitError } from '../runtime/errors.ts';
import type { Manifest } from '../runtime/manifest.ts';
import { memoryNeed } from '../runtime/memory-need.ts';

/** What a session allocates at the sizes; `undefined` where no device can run them. */
export function sessionMemoryAt(
  manifest: Manifest,
  sizes: Readonly<Record<string, number>>,
): MemoryClasses | undefined {
  try {
    return memoryNeed(manifest, sizes);
  } catch (error) {
    if (error instanceof LimitError) return undefined;
    throw error;
  }
}
