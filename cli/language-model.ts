// A bundle as a language model: tokens in, logits out, with the tokenizer that came with it.
import type { Manifest } from '../runtime/manifest.ts';
import type { Session } from '../runtime/session.ts';
import { byteTokenizer } from '../runtime/text/byte-tokenizer.ts';
import type { LanguageModel } from '../runtime/text/language-model.ts';
import { openTokenizer, type Tokenizer } from '../runtime/text/tokenizer.ts';
import { UserError } from './exit.ts';
import { talk } from './streams.ts';

/** What makes a model one of language: its ends by name, and its limits. */
export interface LanguageShape {
  readonly input: string;
  readonly output: string;
  readonly vocab: number;
  readonly context: number;
}

/** @throws {UserError} where the model is none that takes `[b, t]` tokens and gives `[b, t, vocab]` logits. */
export function languageShape({ model, inputs, outputs, symbols }: Manifest): LanguageShape {
  const [input, ...moreInputs] = inputs;
  const [output, ...moreOutputs] = outputs.filter(({ kind }) => kind === 'result');
  const vocab = output && sizeOfAxis(output.shape, 2);
  if (!input || moreInputs.length > 0 || !output || moreOutputs.length > 0 || !vocab)
    throw new UserError(
      `The model ${model} is no language model: see the inputs in its index.d.ts.`,
    );
  const length = input.shape[1]?.[0]?.powers[0]?.[0];
  const context = symbols.find(({ name }) => name === length)?.max ?? Number.MAX_SAFE_INTEGER;
  return { input: input.name, output: output.name, vocab, context };
}

export function languageModel(session: Session): LanguageModel {
  const { input, output, vocab, context } = languageShape(session.manifest);
  return {
    vocab,
    context,
    async logits(rows) {
      const shape = [rows.length, rows[0]!.length];
      const outcome = await session.run({ [input]: { data: rows.flat(), shape } });
      return outcome[output]!.data as Float32Array;
    },
    ...(session.manifest.decode && {
      decoder: (batch: number, capacity: number) => session.decoder({ batch, capacity }),
    }),
  };
}

/** A whole, fixed number at that axis of a shape of rank three, else `undefined`. */
function sizeOfAxis(shape: Manifest['outputs'][number]['shape'], axis: number): number | undefined {
  const [term, ...more] = shape[axis] ?? [];
  const fixed = shape.length === 3 && term?.powers.length === 0 && more.length === 0;
  return fixed ? term.num / term.den : undefined;
}

/** The bundle's tokenizer; for a model of 256 tokens without one, the bytes themselves. */
export function tokenizerOf(
  manifest: Manifest,
  json: string | undefined,
  vocab: number,
): Tokenizer {
  if (json !== undefined) return openTokenizer(json);
  if (vocab !== 256)
    throw new UserError(
      `The bundle of ${manifest.model} has no tokenizer.json: compile it with --tokenizer FILE.`,
    );
  talk('There is no tokenizer: each byte of the text is a token.');
  return byteTokenizer();
}
