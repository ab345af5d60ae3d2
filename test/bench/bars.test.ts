// Needs `npm run build`.
import { describe, expect, it } from 'vitest';
// @ts-expect-error: the benchmarks are plain JavaScript
import { judged } from '../../bench/bars.mjs';
// @ts-expect-error: the benchmarks are plain JavaScript
import { performancePage } from '../../bench/performance-page.mjs';

const machine = {
  adapter: {
    name: 'an adapter',
    adapter: { description: 'an adapter' },
    flops: 50e9,
    bytesPerSecond: 10e9,
    dispatchMs: 0.02,
    submitMs: 0.1,
  },
  date: '2030-01-02',
  command: 'npm run bench',
  node: 'v20.0.0',
  processor: '2 x processor',
  versions: { bform: '1.2.3', tfjs: '4.5.6' },
  rounds: 3,
  runs: 3,
};
const kernels = [{ label: 'linear dot', ms: 90, flops: 0.9e9, bytes: 1e6 }];
const result = (workload: string, engine: string, ms: number, more = {}) => ({
  ...{ workload, engine, ms, runs: 9, coldMs: 1000, error: 1e-6, otherCpu: 0 },
  ...(engine === 'bform' && { kernels, deviceMs: ms, activationBytes: 100 }),
  ...more,
});
type Judged = { workload: string; what: string; verdict: string; measured?: string };
const verdictOf = (records: object[], workload: string, what: string): Judged =>
  (judged(records) as Judged[]).find((bar) => bar.workload === workload && bar.what === what)!;
const PEERS = 'times the fastest peer';

describe('the bars of the benchmarks', () => {
  it.each([
    [100, 201, 'goal met'],
    [100, 199, 'met'],
    [100, 149, 'missed'],
  ])('%i ms against %i ms is %s', (ours, peer, verdict) => {
    const records = [machine, result('W1a', 'bform', ours), result('W1a', 'tfjs', peer)];
    expect(verdictOf(records, 'W1a', PEERS).verdict).toBe(verdict);
  });

  it('hold bform against the fastest peer on WebGPU whose results are right', () => {
    const records = [
      machine,
      result('W1a', 'bform', 100),
      result('W1a', 'tfjs', 300),
      result('W1a', 'jax-js', 170),
      result('W1a', 'ort-web', 50, { error: 0.19 }),
      result('W1a', 'ort-node', 50, { error: Number.NaN }),
      result('W1a', 'ort-cpu', 5),
    ];
    expect(verdictOf(records, 'W1a', PEERS)).toMatchObject({ measured: '1.70 x', verdict: 'met' });
  });

  it('say nothing of what failed, was wrong or has nothing to be held against', () => {
    const alone = [machine, result('W1a', 'bform', 100)];
    expect(verdictOf(alone, 'W1a', PEERS).verdict).toBe('not measured');
    const peer = result('W1a', 'tfjs', 300);
    const wrong = [machine, result('W1a', 'bform', 1, { error: 1 }), peer];
    expect(verdictOf(wrong, 'W1a', PEERS).verdict).toBe('not measured');
    const failed = [machine, { workload: 'W1a', engine: 'bform', failed: 'why' }, peer];
    expect(verdictOf(failed, 'W1a', PEERS).verdict).toBe('not measured');
  });

  it('count FLOPs by hand: 2 * 768^3 of them in 100 ms, at 50 GFLOP/s', () => {
    const records = [machine, result('W1a', 'bform', 100)];
    const bar = verdictOf(records, 'W1a', "of the adapter's multiply-adds");
    expect(bar).toMatchObject({ measured: '18.1 %', verdict: 'missed' });
  });

  it('are on the page with their verdicts, and what limits those that are missed', () => {
    const records = [machine, result('W1a', 'bform', 100), result('W1a', 'tfjs', 120)];
    const page: string = performancePage(records);
    expect(page).toContain('| 1.50 x | 2.00 x | 1.20 x | TensorFlow.js | **missed** |');
    expect(page).toContain(
      '`linear dot` 100.0 % of the time at 10.0 GFLOP/s, 20.0 % of the multiply-adds',
    );
    expect(page).toContain('an adapter, 2 x processor');
  });
});
