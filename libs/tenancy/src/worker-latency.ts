// How long machines took to answer their gateway, as JSON records on the `worker.latencies` topic, keyed by gateway: one minute of one gateway
// in as many records as its workers need.

/** A worker, how many answers of its were timed, microseconds of all together, and of the slowest. */
export type TimedWorker = readonly [worker: string, answers: number, totalUs: number, slowestUs: number];

export interface WorkerLatencies {
  readonly gateway: string;
  /** Start of the minute in which the answers came, microseconds since 1970, UTC. */
  readonly atUs: number;
  readonly workers: readonly TimedWorker[];
}

/** Workers that one record holds at most: some 10 KB, and 31 KB where all names are as long as names may be. */
export const MAX_TIMED_WORKERS = 200;
