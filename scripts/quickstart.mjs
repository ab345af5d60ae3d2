// From nothing to a model that runs: set-up, then an example is compiled, costed, run on a text through Dawn, and its result
// compared with the float64 reference. Says at each step what happened, and at the end what to try next.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODEL = 'examples/hello/model.bform';
const TEXT = 'examples/text/moby-dick.txt';
const LENGTH = 256;
/** Of which the slow reference computes so many; causal attention makes the others independent of it. */
const CHECKED = 64;
const SEED = 1;
/** Root of the mean squared difference, over that of the logits: 32-bit floats leave about 1e-7 for each step of arithmetic. */
const TOLERANCE = 1e-5;

const say = (text = '') => console.log(text);
const step = (number, title) => say(`\n${number}. ${title}\n`);
const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(1)} s`;

async function main() {
  step(1, 'Set-up: dependencies, build, a graphics driver');
  await setUp({ say: (line) => say(`   ${line}`) });
  say('   Ready.');
  const { analyse, open, reference } = await tools();

  step(2, `Compile ${MODEL}`);
  say(indented(readFileSync(join(root, MODEL), 'utf8')));
  const compiling = performance.now();
  const compilation = analyse(MODEL);
  const block = compilation.schedule.steps.find(({ kind }) => kind === 'repeat');
  say(`   Compiled in ${seconds(compiling)}: ${compilation.kernels.length} kernels.`);
  say(
    `   The block stands ${block.count} times and was compiled once: ${block.steps.length} dispatches each time.`,
  );

  step(3, `What it costs: one sequence of ${LENGTH} tokens`);
  say(indented(await reference.report(compilation, LENGTH)));

  step(4, `Run it on ${TEXT}`);
  const tokens = [...readFileSync(join(root, TEXT))].slice(0, LENGTH);
  say(
    `   Its first ${LENGTH} bytes are the tokens. Weights are drawn at random from seed ${SEED}: nothing is trained yet.`,
  );
  const opening = performance.now();
  const session = await open(compilation, SEED);
  try {
    await session.run({ tokens: [tokens] });
    say(`   Pipelines and weights are on the device, first run included: ${seconds(opening)}.`);
    const running = performance.now();
    const { logits } = await session.run({ tokens: [tokens] });
    say(`   A second run: ${seconds(running)}, logits [${logits.shape.join(', ')}].`);
    const loss = meanLoss(logits.data, tokens, logits.shape.at(-1));
    say(
      `   It guesses each next byte with a loss of ${loss.toFixed(3)} nats; guessing blindly is ln 256 = ${Math.log(256).toFixed(3)}.`,
    );

    step(5, 'Check it against the float64 reference');
    const checking = performance.now();
    const expected = await reference.logits(compilation, tokens.slice(0, CHECKED), SEED);
    const error = relativeError(logits.data, expected);
    say(
      `   The reference evaluates the same graph with plain loops in 64 bits: ${CHECKED} tokens took ${seconds(checking)}.`,
    );
    say(
      `   Relative difference: ${error.toExponential(1)}, allowed ${TOLERANCE.toExponential(1)}.`,
    );
    if (!(error <= TOLERANCE))
      throw new Error('the kernels do not compute what the reference does');
    say('   The kernels compute what the model says.');
  } finally {
    session.dispose();
  }
  next();
}

/** The parts of the built package that this script uses. */
async function tools() {
  const from = (path) => import(new URL(`../dist/${path}.js`, import.meta.url).href);
  const { compile, cost, describe } = await from('compiler/compile');
  const { renderDiagnostics } = await from('compiler/diagnostics/render');
  const { reportTable } = await from('compiler/report/table');
  const { buildManifest } = await from('compiler/bundle/build-manifest');
  const { interpret } = await from('compiler/reference/interpret');
  const { sourceReader } = await from('cli/source-reader');
  const { initializeWeights, openDevice, openSession } = await from('runtime/index');

  const manifestOf = async (compilation) => ({ ...(await buildManifest(compilation)), files: {} });
  return {
    analyse(path) {
      const { result, diagnostics } = compile(path, sourceReader(root));
      if (!result)
        throw new Error(
          `${path} has mistakes:\n${renderDiagnostics(diagnostics, { color: false })}`,
        );
      return result;
    },
    async open(compilation, seed) {
      const manifest = await manifestOf(compilation);
      const kernels = new Map(
        compilation.kernels.map(({ id, text }) => [`kernels/${id}.wgsl`, text]),
      );
      const device = await openDevice();
      const weights = initializeWeights(manifest, seed);
      return openSession(
        device,
        manifest,
        { kernels, weights },
        { onDispose: () => device.destroy() },
      );
    },
    reference: {
      report: (compilation, t) =>
        reportTable(describe(compilation, cost(compilation, { b: 1, t }), { place: MODEL })),
      async logits(compilation, tokens, seed) {
        const weights = initializeWeights(await manifestOf(compilation), seed);
        const { outputs } = interpret(compilation.graph, {
          symbols: { b: 1, t: tokens.length },
          inputs: { tokens },
          weights: Object.fromEntries(weights),
        });
        return outputs.logits.data;
      },
    },
  };
}

/** Mean of -log p(next token), in nats. */
function meanLoss(logits, tokens, vocab) {
  let sum = 0;
  for (let t = 0; t + 1 < tokens.length; t++) {
    const row = logits.subarray(t * vocab, (t + 1) * vocab);
    const top = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((s, value) => s + Math.exp(value - top), 0);
    sum += Math.log(total) + top - row[tokens[t + 1]];
  }
  return sum / (tokens.length - 1);
}

function relativeError(actual, expected) {
  const squares = expected.reduce((sum, value) => sum + value * value, 0);
  const differences = expected.reduce((sum, value, i) => sum + (actual[i] - value) ** 2, 0);
  return Math.sqrt(differences / squares);
}

const indented = (text) => text.trimEnd().replace(/^(?=.)/gm, '   ');

function next() {
  say(`
Next:
   - Change the order \`a f\` in ${MODEL}, say to \`a f f a\`, or make it wider, and run this again.
   - Misspell a layer in it, to see what a mistake looks like.
   - npx bform report ${MODEL} --batch 1 --seq 512
   - npx bform compile ${MODEL} -o my-bundle --seed 1 --standalone
     then import my-bundle/index.js: docs/bundle.md
   - npx bform import HF_FOLDER -o DIR           then: npx bform generate DIR --prompt "Once upon a time"
   - More models: examples/. The language: docs/language.md. The tests: npm test
`);
}

try {
  await main();
} catch (error) {
  console.error(`\nQuickstart failed: ${error.message}`);
  process.exitCode = 1;
}
