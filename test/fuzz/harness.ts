// Feeds random text to a stage of the compiler, or to all of it, and holds what must be true of any text:
// no exception, bounded time, and each refusal explained by diagnostics whose spans lie in the file.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { CODES } from '../../compiler/diagnostics/codes.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { SourceFile, Span } from '../../compiler/source.ts';
import { dice } from '../support/dice.ts';
import { MISTAKES } from '../support/mistakes.ts';
import { mutate } from '../support/mutate-source.ts';
import { printAst } from '../support/print-ast.ts';
import { randomSyntax } from '../support/random-syntax.ts';

export interface Verdict {
  readonly accepted: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is tested: it gets a file and says whether it takes it. */
export type Check = (file: SourceFile) => Verdict;

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Processor time for one input, in milliseconds. */
  readonly limit?: number;
  /** Wounds for one input, at most: few let it through to later stages. */
  readonly mutations?: number;
}

/** `BFORM_SEED`, or another seed for each run. */
export function seedOfRun(): number {
  const given = process.env.BFORM_SEED;
  return given === undefined ? Date.now() % 1_000_000 : Number(given);
}

export function fuzz(check: Check, { seed, inputs, limit = 1_000, mutations = 4 }: FuzzOptions) {
  const corpus = [
    ...bformFiles('stdlib'),
    ...bformFiles('examples'),
    ...Object.values(MISTAKES).flat(),
  ];
  // Once through everything first: the time that the engine takes to compile the compiler is no input's fault.
  for (const text of corpus) check({ path: 'fuzz.bform', text });
  const count = { inputs: 0, accepted: 0, refused: 0 };
  for (let i = 0; i < inputs; i++) {
    const choices = dice(seed, `fuzz ${i}`);
    const source = choices.chance(0.2)
      ? printAst(randomSyntax(choices.int(0, 1e9), 1))
      : choices.pick(corpus);
    const text = choices.chance(0.1) ? source : mutate(source, choices, mutations);
    const { accepted } = tryOne(check, text, `seed ${seed}, input ${i}`, limit);
    count.inputs++;
    count[accepted ? 'accepted' : 'refused']++;
  }
  return count;
}

/** Tries one text; fails with the name of the input and its text. */
export function tryOne(check: Check, text: string, name: string, limit: number): Verdict {
  const file = { path: 'fuzz.bform', text };
  const told = (what: string) => `${what}: ${name}\n${JSON.stringify(text.slice(0, 2_000))}`;
  const start = process.cpuUsage();
  let verdict: Verdict;
  try {
    verdict = check(file);
  } catch (error) {
    expect.fail(told(`threw ${error instanceof Error ? error.stack : String(error)}`));
  }
  const { user, system } = process.cpuUsage(start);
  const spent = (user + system) / 1_000;
  if (spent > limit) expect.fail(told(`took ${spent.toFixed()} ms`));
  if (!verdict.accepted && verdict.diagnostics.length === 0) expect.fail(told('refused silently'));
  for (const { code, message, span, related } of verdict.diagnostics) {
    const places = [span, ...related.map((place) => place.span)];
    const isSound = places.every(isInside) && message.length > 0 && Object.hasOwn(CODES, code);
    if (!isSound) expect.fail(told(`a bad diagnostic, ${code} ${message}`));
  }
  return verdict;
}

const isInside = ({ file, start, end }: Span): boolean =>
  0 <= start && start <= end && end <= file.text.length;

function bformFiles(folder: string): string[] {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bform'))
    .map((name) => readFileSync(new URL(name, root), 'utf8'));
}
