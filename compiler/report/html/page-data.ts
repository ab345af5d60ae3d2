// What the page's script knows beside the elements of the page: the contract between htmlReport and page/.

export interface PageData {
  readonly reports: readonly ReportData[];
}

export interface ReportData {
  /** The layers of the tree, parents before their children. */
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly kinds: readonly string[];
  /** -1 for the root. */
  readonly parents: readonly number[];
  /** What each layer is: `attention(heads: 4)`. */
  readonly calls: readonly string[];
  /** The places of each in the sources, numbered over all files. */
  readonly places: readonly (readonly number[])[];
  readonly metrics: readonly MetricData[];
  /** By a column's id, the figures that the rows of the table sort by; columns of words sort by these. */
  readonly columns: Readonly<Record<string, readonly number[]>>;
}

export interface MetricData {
  readonly key: string;
  readonly label: string;
  /** Of each layer, for its area and to be read. */
  readonly values: readonly number[];
  readonly texts: readonly string[];
}
