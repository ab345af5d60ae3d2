// Our own mistakes crash loudly and name the stage; users' mistakes are diagnostics instead.

/** The compiler's stages, as they appear in the message of an internal error. */
export type Stage =
  | 'parse'
  | 'format'
  | 'ast'
  | 'elaborate'
  | 'lower'
  | 'graph'
  | 'cost'
  | 'schedule'
  | 'wgsl'
  | 'bundle'
  | 'report'
  | 'export'
  | 'shapes'
  | 'docs';

/** A mistake of the compiler's, not of its user's. */
export class InternalError extends Error {
  override name = 'InternalError';
  readonly stage: Stage;
  constructor(stage: Stage, message: string) {
    super(`internal error in ${stage}: ${message}`);
    this.stage = stage;
  }
}

/** Throws an `InternalError` of the stage unless the condition holds. */
export function invariant(condition: unknown, stage: Stage, message: string): asserts condition {
  if (!condition) throw new InternalError(stage, message);
}

/** Ends an exhaustive switch: the type checker proves that it is never reached. */
export function unreachable(node: never, stage: Stage): never {
  throw new InternalError(stage, `unexpected ${JSON.stringify(node)}`);
}
