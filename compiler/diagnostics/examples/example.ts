// What an example of a code is: types only. The examples themselves stand in the files beside, by groups of codes.
import type { Code } from '../codes.ts';

/** A mistake and its mending. Texts begin with a line break, which does not count (so that they stand apart in the tables). */
export interface Example {
  /** Has this diagnostic and no other. It is the file `wrong.bform`. */
  readonly wrong: string;
  /** Says what was meant, without a diagnostic. It is the file `right.bform`. */
  readonly right: string;
  /** Other files that these two use, by their paths. */
  readonly beside?: Readonly<Record<string, string>>;
  /** True where checking the file finds nothing, and compiling its model does. */
  readonly compiled?: true;
}

/** Why a code has no example that can be read. */
export interface NoExample {
  readonly none: string;
}

/** Each code of a group: one without an entry does not compile. */
export type ExampleTable<Group extends string> = Readonly<
  Record<Extract<Code, `${Group}${string}`>, Example | NoExample>
>;
