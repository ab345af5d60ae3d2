// What `bform explain CODE` says: the code's meaning, and its examples compiled, so that what is said about them is what the
// compiler says. Uses the whole pipeline; prints nothing.
import { check, type Outcome, overBudget, type Plan, plan } from './compile.ts';
import { CODES, type Code } from './diagnostics/codes.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { EXAMPLES } from './diagnostics/examples/examples.ts';
import type { SourceReader } from './modules.ts';

/** A file of an example with what the compiler says about it. */
export interface ExplainedFile {
  readonly path: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a code means, with its example compiled. */
export interface Explanation {
  readonly code: Code;
  readonly title: string;
  readonly explanation: string;
  /** `undefined` where `noExample` says why. */
  readonly example?: {
    readonly wrong: ExplainedFile;
    readonly right: ExplainedFile;
    /** Files that both use. */
    readonly beside: readonly { readonly path: string; readonly text: string }[];
    /** The mistake shows only when the model is compiled. */
    readonly compiled: boolean;
  };
  readonly noExample?: string;
}

/** The library's part of a reader is all that is asked for. */
export type StdReader = Pick<SourceReader, 'readStd' | 'listStd'>;

/** What a code means, and what the compiler says about a wrong and a right example of it. */
export function explain(code: Code, std: StdReader): Explanation {
  const entry = EXAMPLES[code];
  const meaning = { code, ...CODES[code] };
  if ('none' in entry) return { ...meaning, noExample: entry.none };
  const beside = Object.entries(entry.beside ?? {}).map(([path, text]) => ({
    path,
    text: text.trimStart(),
  }));
  const compiled = entry.compiled ?? false;
  const explained = (path: string, written: string): ExplainedFile => {
    const text = written.trimStart();
    const texts = new Map([...beside, { path, text }].map((file) => [file.path, file.text]));
    const reader: SourceReader = { ...std, read: (name) => texts.get(name) };
    const { diagnostics } = compiled ? planned(path, reader) : check(path, reader);
    return { path, text, diagnostics };
  };
  return {
    ...meaning,
    example: {
      wrong: explained('wrong.bform', entry.wrong),
      right: explained('right.bform', entry.right),
      beside,
      compiled,
    },
  };
}

/** What is said of a model when it is compiled, and of its budget. */
function planned(path: string, reader: SourceReader): Pick<Outcome<Plan>, 'diagnostics'> {
  const { diagnostics, result } = plan(path, reader);
  const over = result ? overBudget(result, result.model.budget, () => undefined) : [];
  return { diagnostics: [...diagnostics, ...over] };
}
