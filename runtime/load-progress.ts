// How far the loading of a model is, for whoever shows it.

/** Files read and weights uploaded are counted in bytes, weights drawn in elements, pipelines compiled by kernel. */
export interface LoadProgress {
  readonly step: 'read' | 'draw' | 'compile' | 'upload';
  readonly done: number;
  readonly total: number;
}

export type OnLoadProgress = (progress: LoadProgress) => void;

/** Counts up one step, of loading or of what else has steps. */
export function countStep<Step extends string>(
  step: Step,
  total: number,
  onProgress:
    | ((progress: { readonly step: Step; readonly done: number; readonly total: number }) => void)
    | undefined,
): (more: number) => void {
  let done = 0;
  return (more) => {
    done += more;
    onProgress?.({ step, done, total });
  };
}
