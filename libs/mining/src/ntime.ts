// ntime: the time in the header, unsigned 32-bit UNIX seconds, which the miner may roll forward from the job's own.

/** How far a share's ntime may be ahead of its job's: bitcoin accepts blocks up to two hours (7200 s) ahead of the network's time. */
export const MAX_NTIME_AHEAD_SECONDS = 7000;

/** Whether a share's ntime lies from the job's own ntime up to `maxAheadSeconds` after it, both ends included. */
export function ntimeInRange(
  ntime: number,
  jobNtime: number,
  maxAheadSeconds: number = MAX_NTIME_AHEAD_SECONDS,
): boolean {
  return ntime >= jobNtime && ntime <= jobNtime + maxAheadSeconds;
}
