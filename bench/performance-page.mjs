// The page docs/performance.md out of the records of a run: what was run and where, the bars, every engine's figures.
import { duration, threeDigits, withPrefix } from '../dist/compiler/report/quantities.js';
import { judged } from './bars.mjs';
import { ENGINES } from './engines.mjs';
import { fastestPeer, isRight, recordOf } from './judge.mjs';
import { WORKLOADS } from './workloads.mjs';

/** `records`: the lines of one run, that of the adapter among them. */
export function performancePage(records) {
  const machine = records.find((record) => record.adapter);
  const results = records.filter(({ workload }) => workload);
  return `${[
    '# Performance',
    `Made by \`npm run bench\`, which runs bform and other engines on the same workloads and adapter and checks every result against float64. It installs the engines, builds, prints a table of its own, writes \`bench/results.jsonl\` and this page. Figures hold for the machine below; on another they are others.`,
    machineLines(machine, results),
    '## Bars',
    'A peer is another engine on WebGPU; what is compared is the fastest whose results are right. Bars are what bform is to reach, goals what it is after.',
    barTable(records),
    barNotes(records),
    '## Every engine',
    `Milliseconds, medians of ${Math.min(...results.flatMap(({ runs }) => runs ?? []))} runs or more, in processes that take turns; of bform with inputs written and results read back, of peers with both on the device (but onnxruntime-node's, whose results come back too). The CPU is there for context: a software adapter runs on the same processor.`,
    engineTable(results, ({ ms }) => threeDigits(ms)),
    '## Time to the first result',
    'Seconds from the start of the process to the first result in the caller’s memory, no driver cache; for bform the compilation from the text of the model is part of it.',
    engineTable(results, ({ coldMs }) => (coldMs / 1000).toFixed(2), 'coldMs'),
    '## Calls to the device',
    'Of one run: dispatches / submits / buffers made. onnxruntime-node does not tell.',
    engineTable(results, ({ dispatches, submits, buffers }) =>
      dispatches === undefined ? '' : `${dispatches} / ${submits} / ${buffers}`,
    ),
    '## Growth',
    'Time of a run against one size, beside what the cost report and the measured roofline predict: `node bench/growth.mjs`, in a run of its own, which prints the figures and writes the plots. What grows like its prediction is parallel to it.',
    ['tokens', 'depth', 'experts', 'width']
      .map((name) => `![time against ${name}](growth-${name}.svg)`)
      .join('\n'),
    '## Waiting',
    '`node bench/waiting.mjs` prints which share of a core Node’s thread takes while it waits for a long dispatch, polling as Dawn does by itself and as bform waits.',
    '## Not measured',
    '- Decoding token by token (stories260k, batches of 1 and 16).',
  ].join('\n\n')}\n`;
}

function machineLines(
  { adapter, date, command, node, processor, versions, rounds, runs },
  results,
) {
  const engines = ENGINES.filter(({ name }) => versions[name])
    .map(({ name, title }) => `${title} ${versions[name]}`)
    .join(', ');
  const others = results.flatMap(({ otherCpu }) => otherCpu ?? []);
  const busiest = Math.max(0, ...others);
  return [
    `- command: \`${command}\` (${rounds} turns of ${runs} runs), ${date}`,
    `- adapter: ${adapter.adapter.description || adapter.name}, ${processor}`,
    `- measured on it: ${withPrefix(adapter.flops, 'FLOP/s')} of multiply-adds, ${withPrefix(adapter.bytesPerSecond, 'B/s')} copied, ${duration(adapter.dispatchMs)} a dispatch, ${duration(adapter.submitMs)} a submit`,
    `- versions: ${engines}, Node ${node}`,
    `- other processes took up to ${(100 * busiest).toFixed(0)} % of the machine while an engine was timed${busiest > 0.1 ? ': it was not idle, so times are too long, and ratios hold roughly' : ''}`,
  ].join('\n');
}

const table = (titles, numeric, rows) =>
  [titles, titles.map((_, at) => (numeric(at) ? '---:' : '---')), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

function barTable(records) {
  return table(
    ['workload', 'figure', 'bar', 'goal', 'measured', 'against', ''],
    (at) => at >= 2 && at <= 4,
    judged(records).map(
      ({ workload, what, bar, goal, text, measured = '', against = '', verdict }) => [
        WORKLOADS[workload].title,
        what,
        text(bar),
        text(goal),
        measured,
        against,
        verdict === 'missed' ? '**missed**' : verdict,
      ],
    ),
  );
}

/** What the profile of a run says where a goal is not met. */
function barNotes(records) {
  const noted = new Map();
  for (const { workload, limits } of judged(records)) if (limits) noted.set(workload, limits);
  if (noted.size === 0) return 'Every goal is met.';
  return [
    'Where a goal is not met, the kernels that take the time (of a profile in the same process), and what they reach of the adapter:',
    '',
    ...Array.from(noted, ([workload, limits]) => `- ${WORKLOADS[workload].title}: ${limits}.`),
  ].join('\n');
}

function engineTable(results, text, key = 'ms') {
  const workloads = Object.keys(WORKLOADS).filter((name) =>
    results.some(({ workload }) => workload === name),
  );
  return table(
    ['workload', ...ENGINES.map(({ title }) => title)],
    (at) => at > 0,
    workloads.map((workload) => [
      WORKLOADS[workload].title,
      ...ENGINES.map(({ name }) => {
        const record = recordOf(results, workload, name);
        if (!record) return '';
        if (record.failed) return 'failed';
        if (!isRight(record)) return 'wrong';
        const cell = text(record);
        return cell && fastestPeer(results, workload, key) === record ? `**${cell}**` : cell;
      }),
    ]),
  );
}
