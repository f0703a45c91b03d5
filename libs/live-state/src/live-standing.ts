// Whether the live state is current, from where its partitions stand. Dead aggregators make it 'not live' by themselves: nobody
// moves their partitions on.

/** Behind by more than this, numbers are not current and must not be shown as such. */
export const MAX_LIVE_LAG_SECONDS = 30;

/** A batch is collected and written within this; behind by more, rates are to be asked as of what is in. */
const USUAL_LAG_SECONDS = 3;

const MICROS = 1_000_000;

export interface LiveStanding {
  /** False while it is being built or is far behind: numbers must not be shown as live then. */
  readonly live: boolean;
  /**
   * The latest moment up to now for which everything submitted is in: what to ask rates as of. Later than that, a rate would have
   * decayed for shares that were submitted and only not counted yet.
   */
  readonly asOfUs: number;
}

export interface PartitionStanding {
  /** Offset after the last record that is in; undefined while what the base lacks is missing. */
  readonly position: number | undefined;
  /** Up to when what was submitted to it is in, microseconds; 0 when that is not known. */
  readonly reachedUs: number;
}

/** @param partitions every partition there is; empty when there is no base */
export function standingOf(partitions: Iterable<PartitionStanding>, nowUs: number): LiveStanding {
  let complete = false;
  let known = true;
  let oldestUs = nowUs;
  for (const { position, reachedUs } of partitions) {
    complete = true;
    if (position === undefined || reachedUs === 0) known = false;
    else oldestUs = Math.min(oldestUs, reachedUs);
  }
  const lagUs = nowUs - oldestUs;
  return {
    live: complete && known && lagUs <= MAX_LIVE_LAG_SECONDS * MICROS,
    asOfUs: lagUs > USUAL_LAG_SECONDS * MICROS ? oldestUs : nowUs,
  };
}
