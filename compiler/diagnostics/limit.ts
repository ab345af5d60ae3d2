// A report that ends after a number of diagnostics, so that a file of nothing but mistakes stays readable.
import type { Report } from './diagnostic.ts';

export interface LimitedReport {
  readonly report: Report;
  /** True once the last diagnostic has been let through: the caller may stop looking. */
  readonly isFull: () => boolean;
}

/** Lets `most` diagnostics through, then one that says so (BF1036) in the place of the next. */
export function limitReport(report: Report, most: number): LimitedReport {
  let count = 0;
  return {
    report(diagnostic) {
      count++;
      if (count <= most) return report(diagnostic);
      if (count > most + 1) return;
      report({
        code: 'BF1036',
        severity: 'error',
        message: `more than ${most} mistakes; the rest is not shown`,
        span: diagnostic.span,
        related: [],
      });
    },
    isFull: () => count > most,
  };
}
