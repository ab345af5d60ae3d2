// Which results count, and what bform is held against: the fastest other engine on WebGPU in the same run.
import { ENGINES } from './engines.mjs';

/** The largest difference from the float64 reference that f32 may make on these workloads. */
const LARGEST_ERROR = 1e-3;

export const isRight = ({ error }) => error <= LARGEST_ERROR;

const PEERS = ENGINES.filter(({ name, on }) => name !== 'bform' && on === 'webgpu').map(
  ({ name }) => name,
);

/** The record of the fastest peer by `key`, among those whose results are right. */
export const fastestPeer = (records, workload, key = 'ms') =>
  records
    .filter((record) => record.workload === workload && PEERS.includes(record.engine))
    .filter((record) => record[key] && isRight(record))
    .sort((a, b) => a[key] - b[key])[0];

export const recordOf = (records, workload, engine) =>
  records.find((record) => record.workload === workload && record.engine === engine);
