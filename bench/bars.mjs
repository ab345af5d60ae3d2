// The bars that a run is held against: of each its figure, whether it is met, and what the run says about what limits it.
// Reads records alone; measures nothing.
import { percent, threeDigits, withPrefix } from '../dist/compiler/report/quantities.js';
import { ENGINES } from './engines.mjs';
import { fastestPeer, isRight, recordOf } from './judge.mjs';
import { flopsOf, WORKLOADS } from './workloads.mjs';

/** Read and written by the element-wise chain: 32 MiB each. */
const CHAIN_BYTES = 2 * 2 ** 25;

const times = (workload, bar, goal) => ({
  workload,
  what: 'times the fastest peer',
  bar,
  goal,
  text: (value) => `${value.toFixed(2)} x`,
  figure: ({ ours, peer }) => peer && { value: peer.ms / ours.ms, against: nameOf(peer) },
});

const ofMultiplyAdds = (workload) => ({
  workload,
  what: "of the adapter's multiply-adds",
  bar: 0.3,
  goal: 0.5,
  text: percent,
  figure: ({ ours, adapter }) => ({
    value: flopsOf(WORKLOADS[workload]) / ours.ms / (adapter.flops / 1000),
    against: withPrefix(adapter.flops, 'FLOP/s'),
  }),
});

export const BARS = [
  times('W1a', 1.5, 2),
  ofMultiplyAdds('W1a'),
  times('W1b', 1.5, 2),
  ofMultiplyAdds('W1b'),
  times('W2', 1.5, 2.5),
  times('W3', 1.5, 1.5),
  times('W3long', 1.5, 3),
  {
    workload: 'W3long',
    what: 'activations of 8 times the tokens',
    bar: 8,
    goal: 8,
    less: true,
    text: (value) => `${value.toFixed(2)} x`,
    figure: ({ ours, records }) => {
      const short = recordOf(records, 'W3', 'bform');
      return (
        short?.activationBytes && {
          value: ours.activationBytes / short.activationBytes,
          against: 'those of 256 tokens',
        }
      );
    },
  },
  times('W4a', 1.5, 2.5),
  times('W4b', 1.5, 2.5),
  {
    workload: 'W4b',
    what: 'time to the first result',
    bar: 2,
    goal: 2,
    text: (value) => `${value.toFixed(2)} x`,
    figure: ({ ours, records }) => {
      const peer = fastestPeer(records, 'W4b', 'coldMs');
      return peer && { value: peer.coldMs / ours.coldMs, against: nameOf(peer) };
    },
  },
  times('M8', 3, 6),
  times('M64', 3, 6),
  {
    workload: 'E1',
    what: "of the adapter's copy rate, on the device",
    bar: 0.8,
    goal: 0.95,
    text: percent,
    figure: ({ ours, adapter }) => ({
      value: CHAIN_BYTES / ours.deviceMs / (adapter.bytesPerSecond / 1000),
      against: withPrefix(adapter.bytesPerSecond, 'B/s'),
    }),
  },
];

const nameOf = ({ engine }) => ENGINES.find(({ name }) => name === engine).title;

/** For each bar `verdict`: goal met, met, missed, or not measured; with `measured` and `against` as text. */
export function judged(records) {
  const adapter = records.find((record) => record.adapter)?.adapter;
  return BARS.map((bar) => {
    const ours = recordOf(records, bar.workload, 'bform');
    const peer = fastestPeer(records, bar.workload);
    const right = ours && !ours.failed && isRight(ours) && adapter;
    const found = right ? bar.figure({ ours, peer, adapter, records }) : undefined;
    if (!found) return { ...bar, verdict: 'not measured' };
    const reaches = (least) => (bar.less ? found.value <= least : found.value >= least);
    const verdict = reaches(bar.goal) ? 'goal met' : reaches(bar.bar) ? 'met' : 'missed';
    return {
      ...bar,
      verdict,
      measured: bar.text(found.value),
      against: found.against,
      limits: verdict === 'goal met' ? '' : limitsOf(ours, adapter),
    };
  });
}

/** The kernels that take three quarters of the time on the device, each with its share and the part of the rooflines it reaches. */
function limitsOf({ kernels = [] }, adapter) {
  const all = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const named = [];
  let covered = 0;
  for (const { label, ms, flops, bytes } of kernels) {
    if (covered >= 0.75 * all || named.length === 3) break;
    covered += ms;
    named.push(
      `\`${label}\` ${percent(ms / all)} of the time at ${reached({ ms, flops, bytes }, adapter)}`,
    );
  }
  return named.join('; ');
}

/** By what it is nearer to: multiply-adds or memory. */
function reached({ ms, flops, bytes }, adapter) {
  const ofFlops = (1000 * flops) / ms / adapter.flops;
  const ofBytes = (1000 * bytes) / ms / adapter.bytesPerSecond;
  return ofFlops >= ofBytes
    ? `${threeDigits(flops / ms / 1e6)} GFLOP/s, ${percent(ofFlops)} of the multiply-adds`
    : `${threeDigits(bytes / ms / 1e6)} GB/s, ${percent(ofBytes)} of the copy rate`;
}
