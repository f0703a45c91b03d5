// Every bound of the embedded server in one table. What happens at each bound is said beside it.

export interface Limits {
  /** Statements of our services that run at once; more wait. */
  readonly insideRunning: number;
  /** Waiting statements of our services; more are refused with code 202, HTTP 503. */
  readonly insideWaiting: number;
  /** Statements from outside that run at once; more wait. Apart from the services' own, so that nobody's SQL starves the pool. */
  readonly outsideRunning: number;
  /** Waiting statements from outside; more are refused with code 202, HTTP 503. */
  readonly outsideWaiting: number;
  /** Longest a statement waits for its turn; then code 202, HTTP 503. */
  readonly waitMs: number;
  /** Open HTTP connections; more are closed at once. */
  readonly connections: number;
  /** Longest query text; more is code 62, HTTP 413. */
  readonly queryBytes: number;
  /** Parameters of a query together, in the URL (with the query, encoded) or in a form; more is HTTP 431 or code 229, HTTP 413. */
  readonly parameterBytes: number;
  /** Largest insert body, after decompression; more is code 62, HTTP 413. */
  readonly insertBytes: number;
  /** Largest answer in a format that cannot be streamed (JSON, Parquet, Pretty and the like); more is code 396. */
  readonly bufferedResultBytes: number;
  /** Memory of one statement from outside; more is code 241. */
  readonly outsideMemoryBytes: number;
  /** Memory of one statement of our services; more is code 241. */
  readonly insideMemoryBytes: number;
  /** Run time of one statement from outside; more is code 159. */
  readonly outsideSeconds: number;
  /** Run time of one statement of our services, unless it asks for another; more is code 159. */
  readonly insideSeconds: number;
  /** A client that takes no bytes, or sends none, for this long is cut off and its statement killed. */
  readonly stallMs: number;
  /** How long a start waits for a dying predecessor to let go of the directory and the port; then it fails. */
  readonly openWaitMs: number;
  /** Memory of the whole engine. */
  readonly engineMemoryBytes: number;
}

const MIB = 2 ** 20;

export const DEFAULT_LIMITS: Limits = {
  insideRunning: 8,
  insideWaiting: 256,
  outsideRunning: 2,
  outsideWaiting: 16,
  waitMs: 30_000,
  connections: 512,
  queryBytes: 256 * 1024,
  parameterBytes: 4 * MIB,
  insertBytes: 256 * MIB,
  bufferedResultBytes: 64 * MIB,
  outsideMemoryBytes: 512 * MIB,
  insideMemoryBytes: 1024 * MIB,
  outsideSeconds: 30,
  insideSeconds: 300,
  stallMs: 60_000,
  openWaitMs: 5_000,
  engineMemoryBytes: 2048 * MIB,
};
