// What the compiler says to its user. Diagnostics are data: facts are rendered late (render.ts),
// their texts stand in one table (codes.ts).
import type { Span } from '../source.ts';
import type { Code } from './codes.ts';

/** Where there is an error there is no result; with warnings there is. */
export type Severity = 'error' | 'warning';

/** A second place that belongs to the message: the other side of a conflict, where a name was bound. */
export interface Related {
  readonly span: Span;
  readonly message: string;
}

/** Something that the compiler has to say about a place in the source. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  /** What is wrong, in the user's words; one sentence without a final stop. */
  readonly message: string;
  readonly span: Span;
  readonly related: readonly Related[];
  /** What would fix it, where that is known. */
  readonly hint?: string;
}

/** Takes diagnostics as they are found. */
export type Report = (diagnostic: Diagnostic) => void;
