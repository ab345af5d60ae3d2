// What a declaration costs as formulas: a model in the sizes of a run, a layer or block in its parameters too. These are counted
// at several values of each parameter (cost-probe.ts), and the formula that fits all is found (cost/fit-formulas.ts).
import type { Block, Item, Layer } from '../../compiler/ast/ast.ts';
import { analyzeLoaded, load } from '../../compiler/compile.ts';
import { fitFormulas, type Parameter } from '../../compiler/cost/fit-formulas.ts';
import { symbolicCost } from '../../compiler/cost/symbolic-cost.ts';
import type { Program, SourceReader } from '../../compiler/modules.ts';
import { constant, type Dim, equal, mul, substitute, symbol } from '../../compiler/shapes/dim.ts';
import { type OpenName, type Probe, paramName, probeOf } from './cost-probe.ts';

/** Formulas as text; parameters that are not in them have their defaults. */
export interface CostDoc {
  /** What it is applied to: `x: [b, t, d]`. */
  readonly inputs: readonly string[];
  readonly parameters: string;
  /** Of those, the ones that a token meets; absent where it meets all. */
  readonly activated?: string;
  readonly flops: string;
  readonly elementwise: string;
  /** Its parameters that are layers: what they cost comes on top. */
  readonly without: readonly string[];
  /** For which lengths it holds, where not for all: a window of attention counts otherwise in shorter sequences. */
  readonly range?: string;
}

const KEYS = ['params', 'activated', 'macs', 'elementwise'] as const;

/** A run around which a formula has to hold, of sequences as long as the model allows. */
const RUN = { b: 3, t: 512 };
const ELEMENT_BYTES = 4;

/** Most parameters that are open at once: counting at all of their values takes twice as long for each more. */
const MOST_OPEN = 6;
/** Four values: three for a formula of second degree, one to hold it against. Sizes divide by numbers, large ones by small. */
const SIZES = [1, 2, 3, 4].map((times) => 1440 * times);
const LARGE = [1, 2, 3, 4].map((times) => 12 * times);
const SMALL = [2, 3, 4, 6];

/** `undefined` for an order, for what cannot be counted by itself, and where no formula fits. */
export function costFormulas(item: Item, path: string, reader: SourceReader): CostDoc | undefined {
  switch (item.kind) {
    case 'order':
      return undefined;
    case 'model':
      return modelCost(item.name.text, path, reader);
    default:
      return layerCost(item, path, reader, new Set());
  }
}

function modelCost(model: string, path: string, reader: SourceReader): CostDoc | undefined {
  const { result: program } = load(path, reader);
  const found = program && costsOf(program, model, {});
  if (!found) return undefined;
  const { counts, from } = found;
  return {
    ...texts(counts),
    inputs: [],
    without: [],
    ...(from > 1 && { range: `t from ${from}` }),
  };
}

/** With as many parameters open as there are formulas in. */
function layerCost(
  item: Layer | Block,
  path: string,
  reader: SourceReader,
  closed: ReadonlySet<string>,
): CostDoc | undefined {
  const probe = probeOf(item, closed);
  if (!probe) return undefined;
  const found = probe.open.length > MOST_OPEN ? undefined : probeCost(probe, item, path, reader);
  if (found && !('notOpen' in found)) return found;
  const optional = probe.open.filter(({ isRequired }) => !isRequired).map(({ name }) => name);
  const next = optional.find((name) => name === found?.notOpen) ?? optional.at(-1);
  return next === undefined ? undefined : layerCost(item, path, reader, new Set([...closed, next]));
}

function probeCost(
  { text, model, open, inputs, without }: Probe,
  item: Layer | Block,
  path: string,
  reader: SourceReader,
): CostDoc | { readonly notOpen: string } | undefined {
  const whole = item.span.file.text + text;
  const read = (name: string) => (name === path ? whole : reader.read(name));
  const { result: program } = load(path, { ...reader, read });
  if (!program) return undefined;
  let notOpen: string | undefined;
  for (const parameters of valuesToTry(open)) {
    let from = 1;
    const fitted = fitFormulas(parameters, (values) => {
      const found = costsOf(program, model, values);
      from = Math.max(from, found?.from ?? 1);
      return found?.counts;
    });
    const range = from > 1 ? { range: 't beyond all windows' } : {};
    if (fitted && 'notOpen' in fitted) notOpen ??= fitted.notOpen;
    else if (fitted)
      return { ...texts(fitted.formulas.map(withPlainNames)), inputs, without, ...range };
  }
  return notOpen === undefined ? undefined : { notOpen };
}

/** Which values fit together is not known: one whole number after the other is the large one. */
function valuesToTry(open: readonly OpenName[]): Parameter[][] {
  const ints = open.filter(({ kind }) => kind === 'int');
  return [...ints, undefined].map((large) =>
    open.map(({ name, kind }) => ({
      name: paramName(name),
      values: kind === 'size' ? SIZES : name === large?.name ? LARGE : SMALL,
    })),
  );
}

function costsOf(
  program: Program,
  model: string,
  args: Readonly<Record<string, number>>,
): { readonly counts: Dim[]; readonly from: number } | undefined {
  const { result } = analyzeLoaded(program, { model, args });
  if (!result) return undefined;
  const { graph } = result;
  const longest = graph.symbols.find(({ name }) => name === 't')?.max ?? RUN.t;
  const sizes = Object.fromEntries(
    graph.symbols.map(({ name }) => [name, name === 't' ? longest : RUN.b]),
  );
  const cost = symbolicCost(graph, sizes, new Map(), ELEMENT_BYTES);
  return cost && { counts: KEYS.map((key) => cost.total[key]), from: cost.range.from };
}

/** A setting has its own name again. */
const withPlainNames = (formula: Dim): Dim =>
  substitute(formula, new Map(['vocab', 'context'].map((name) => [paramName(name), symbol(name)])));

function texts([params, activated, macs, elementwise]: readonly Dim[]) {
  return {
    parameters: shown(params!),
    ...(!equal(params!, activated!) && { activated: shown(activated!) }),
    flops: shown(mul(constant(2), macs!)),
    elementwise: shown(elementwise!),
  };
}

/** `- b*t` and not `- 1*b*t`. */
const shown = ({ text }: Dim): string => text.replace(/(^|[ -])1\*/g, '$1');

/** As a sentence, with names and formulas as `code`. */
export function costSentence(
  { inputs, parameters, activated, flops, elementwise, without, range }: CostDoc,
  code: (text: string) => string,
): string {
  const counted = [
    [parameters, 'parameters'],
    [activated ?? '0', 'of them activated'],
    [flops, 'FLOPs'],
    [elementwise, 'elementwise'],
  ].filter(([formula]) => formula !== '0');
  const where = [...inputs.map(code), ...(range === undefined ? [] : [range])].join(', ');
  const on = inputs.length > 0 ? `costs, on ${where}` : range ? `costs, for ${range}` : 'costs';
  const own = counted.map(([formula, what]) => `${code(formula!)} ${what}`).join(', ');
  const verb = without.length > 1 ? 'cost' : 'costs';
  const more = `what ${without.map(code).join(' and ')} ${verb} comes on top`;
  return `${on}: ${own || 'nothing'}${without.length > 0 ? `; ${more}` : ''}`;
}
