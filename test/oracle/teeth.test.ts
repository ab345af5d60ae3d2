// Can the comparison with the reference find a wrong kernel? Kernels of random programs are broken on purpose, one mistake at a
// time as a compiler could make it; each must be found within a few programs in whose kernels it occurs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeGpu, gpuDevice } from '../support/gpu.ts';
import { type RandomProgram, randomGraph } from '../support/random-graph.ts';
import { emitGraph, runGraph, targetFor } from '../support/run-graph.ts';
import { expectedOutputs, mismatch } from '../support/tolerance.ts';

beforeAll(async () => {
  await gpuDevice();
});
afterAll(closeGpu);

/** What is wrong, where it stands in the text, and how it would look. */
const MISTAKES: readonly (readonly [string, RegExp, string])[] = [
  ['the last point of a map is left out', /if \(point >= (\w+)\)/g, 'if (point + 1u >= $1)'],
  [
    'threads do not wait for what others add up',
    /(parts_\w+\[lid\] = .*;\s*)workgroupBarrier\(\);/g,
    '$1',
  ],
  [
    'threads do not wait for what others count',
    /(owns\[lid\] = own;\s*)workgroupBarrier\(\);/g,
    '$1',
  ],
  ['a reduction starts at its second column', /var (\w) = lid;/g, 'var $1 = lid + 1u;'],
  ['a sum starts at one', /var fold(\d) = 0f;/g, 'var fold$1 = 1f;'],
  ['a maximum starts at zero', /var (fold|part)(\d) = -3\.\w+(\.\d+)?e\+38f;/g, 'var $1$2 = 0f;'],
  [
    'a running sum leaves out the element itself',
    /(run = run \+ (.*);\n\s*let sum = run)/g,
    '$1 - $2',
  ],
  ['a product reads rows one too long', /\((k|v\d+\.x) \* (\d+)u\)/g, '($1 * ($2u + 1u))'],
  [
    'steps past the end of a product count',
    /select\(vec4f\(0f\), (vec4f\(.*\)|v\d+), v\d+\);/g,
    '$1;',
  ],
  [
    'the last column of a product is left out',
    /if \(column \+ (\d)u < /g,
    'if (column + $1u + 1u < ',
  ],
  ['a group of products begins at the first tile', /\(columnTile - \d+u\)/g, 'columnTile'],
  [
    'a row is handed on by its neighbour',
    /subgroupBroadcast\((v\d+), 1u\)/g,
    'subgroupBroadcast($1, 0u)',
  ],
  ['threads read the first row only', / \+ lane, /g, ', '],
  ['sums over rows start at one', /var (rowSum\d_\d) = (0f|vec4f\(0f\));/g, 'var $1 = $2 + 1f;'],
  [
    'weights of another thread are taken',
    /subgroupShuffle\((\w+), x\)/g,
    'subgroupShuffle($1, 0u)',
  ],
  ['the total is that of one thread', /subgroupAdd\((\w+)\)/g, '$1'],
  ['masked keys are weighted', /select\(vec4f\(0f\), (exp\(.*\)), v\d+\);/g, '$1;'],
  ['what was summed before is not rescaled', /sum_\d_\d \*= fade_\d;/g, ''],
  ['the total is not rescaled', /total_\d \*= fade_\d;/g, ''],
  ['attention forgets its scale', /let (v\d+) = score_(\d) \* [\d.]+f;/g, 'let $1 = score_$2;'],
  ['the last row of a group is not multiplied', /let rowEnd = end;/g, 'let rowEnd = end - 1u;'],
  [
    'every group is multiplied by the first part',
    /let part = min\(found, /g,
    'let part = min(0u, ',
  ],
  ['rows of no group are multiplied', /select\(0u, (\w+), found < \w+\)/g, '$1'],
  ['a group begins at its second tile', /rest -= tiles;/g, 'rest -= tiles - 1u;'],
  ['a row is sorted behind the next', /j < lid\);/g, 'j <= lid);'],
  ['rows of no group have no place', /min\((u32\(.*\)), \w+ - 1u\)/g, '$1'],
  ['groups start where they end', /start \+= befores\[j\];/g, 'start += befores[j] + owns[j];'],
  ['equal ones change places', /(let before\d+ = \w+) > /g, '$1 >= '],
  ['negative ones are in the wrong order', /~(v\d+), \1 > 0x8/g, '$1, $1 > 0x8'],
  ['of equal ones the last are chosen', /~c >= /g, 'c >= '],
  ['of equal ones the last comes first', /columns\[j\] < column/g, 'columns[j] > column'],
  ['one too few are chosen', /(total\d|v\d+) >= want/g, '$1 + 1u >= want'],
  ['the last row of a group is not added', /r < to; r/g, 'r + 1u < to; r'],
  ['a sum of rows starts at one', /var run = (\w+)\(0\);/g, 'var run = $1(1);'],
  ['an odd function loses its sign', /return sign\(x\) \* /g, 'return '],
  ['what enters from outside is not zero', /select\(0f, /g, 'select(1f, '],
  ['a division of whole numbers rounds towards zero', /select\(q, q - \w+\(1\), .*\)/g, 'q'],
  ['a coefficient is a little off', /- (\w+)\(0\.5\) \* z \+/g, '- $1(0.501) * z +'],
];

const FEW = 8;
const SEEDS = 1500;

/** Small programs in some of whose kernels the pattern occurs. */
async function* programsWith(
  pattern: RegExp,
): AsyncGenerator<[RandomProgram, ReturnType<typeof emitGraph>]> {
  let found = 0;
  for (let seed = 1; seed < SEEDS && found < FEW; seed++) {
    const program = randomGraph(seed, { steps: 2, mostElements: 3000 });
    const emitted = emitGraph(program.graph, {}, await targetFor(seed));
    if (!emitted.kernels.some(({ text }) => text.search(pattern) >= 0)) continue;
    found++;
    yield [program, emitted];
  }
}

test.each(MISTAKES)(
  '%s',
  async (_name, pattern, wrong) => {
    const tried: number[] = [];
    for await (const [program, emitted] of programsWith(pattern)) {
      tried.push(program.seed);
      const outputs = await runGraph(emitted, program, (text) => text.replace(pattern, wrong));
      if (mismatch(expectedOutputs(program.graph, program), outputs)) return;
    }
    expect.fail(`not found in the programs of seeds ${tried.join(', ')}`);
  },
  300_000,
);
