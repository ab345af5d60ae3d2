// Routing on the host, for engines that cannot group rows on the device: each token's best experts by its scores, and the
// rows of each expert next to each other.

/**
 * `rows`: tokens in the order of their experts, those of expert e from `starts[e]` to `starts[e + 1]`.
 * For each of the `chosen` ranks `places`, where a token's row is, and `gates`, the softmax over its chosen scores.
 */
export function groupByExpert(scores, T, experts, chosen) {
  const best = Array.from({ length: chosen }, () => new Int32Array(T));
  const gates = Array.from({ length: chosen }, () => new Float32Array(T));
  const counts = new Int32Array(experts);
  for (let t = 0; t < T; t++) {
    const own = scores.subarray(t * experts, (t + 1) * experts);
    const order = bestOf(own, chosen);
    const powers = order.map((e) => Math.exp(own[e] - own[order[0]]));
    const total = powers.reduce((sum, power) => sum + power, 0);
    for (const [rank, e] of order.entries()) {
      best[rank][t] = e;
      gates[rank][t] = powers[rank] / total;
      counts[e]++;
    }
  }
  const starts = new Int32Array(experts + 1);
  for (let e = 0; e < experts; e++) starts[e + 1] = starts[e] + counts[e];
  const next = starts.slice();
  const rows = new Int32Array(chosen * T);
  const places = best.map((of) =>
    of.map((e, t) => {
      rows[next[e]] = t;
      return next[e]++;
    }),
  );
  return { rows, starts, places, gates };
}

/** The places of the largest, the largest first. */
function bestOf(scores, count) {
  const best = [];
  for (let rank = 0; rank < count; rank++) {
    let most = -1;
    for (let e = 0; e < scores.length; e++)
      if (!best.includes(e) && (most < 0 || scores[e] > scores[most])) most = e;
    best.push(most);
  }
  return best;
}
