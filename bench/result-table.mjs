// The records of a run as the table that is printed: a row for each workload and engine.
import { alignedLines } from '../dist/compiler/report/aligned.js';
import { threeDigits } from '../dist/compiler/report/quantities.js';
import { ENGINES } from './engines.mjs';
import { fastestPeer, isRight } from './judge.mjs';
import { flopsOf, WORKLOADS } from './workloads.mjs';

const TITLES = [
  'workload',
  'engine',
  'ms',
  'least',
  'most',
  'GFLOP/s',
  'bform is',
  'first result, s',
  'dispatches',
  'error',
  'others',
];

export function resultTable(records) {
  const results = records.filter(({ workload }) => workload);
  const rows = results.map((record) => {
    const { workload, engine, failed } = record;
    const title = ENGINES.find(({ name }) => name === engine).title;
    if (failed)
      return [workload, title, ...TITLES.slice(2).map(() => ''), failed.slice(0, 60)].slice(
        0,
        TITLES.length,
      );
    const flops = flopsOf(WORKLOADS[workload]);
    const ours = results.find((other) => other.workload === workload && other.engine === 'bform');
    const fastest = fastestPeer(results, workload)?.engine === engine;
    return [
      workload,
      title,
      threeDigits(record.ms),
      threeDigits(record.least),
      threeDigits(record.most),
      flops ? threeDigits(flops / record.ms / 1e6) : '-',
      ours?.ms && engine !== 'bform'
        ? `${(record.ms / ours.ms).toFixed(2)} x${fastest ? ' *' : '  '}`
        : '-  ',
      (record.coldMs / 1000).toFixed(2),
      String(record.dispatches ?? '-'),
      isRight(record) ? record.error.toExponential(1) : `WRONG: ${record.error}`,
      record.otherCpu === undefined ? '-' : `${(100 * record.otherCpu).toFixed(0)} %`,
    ];
  });
  const numeric = TITLES.map((_, at) => at > 1);
  return [
    ...alignedLines({ titles: TITLES, numeric, rows }),
    '',
    'ms: median; bform is: how many times as fast; *: the fastest other engine on WebGPU; error: the largest difference from',
    'float64; others: the share of the machine that other processes took meanwhile.',
    ...results
      .filter(({ failed }) => failed)
      .map(({ workload, engine, failed }) => `${workload}, ${engine}: ${failed}`),
  ].join('\n');
}
