// A report of costs alone, for tests of how reports are written.
import type { CostReport } from '../../compiler/cost/count-cost.ts';
import type { ModelReport } from '../../compiler/report/model-report.ts';

export const bareReport = (cost: CostReport): ModelReport => ({
  doc: undefined,
  place: 'model.bform',
  hash: '',
  cost,
  stored: 'f32',
  memory: undefined,
  device: undefined,
  times: undefined,
  formulas: undefined,
  timeline: [],
  structure: [],
  flow: { kind: 'series', items: [] },
  sources: [],
});
