// Which difficulty each job of a connection was sent with. Invariant: a job keeps the difficulty it was sent with, whatever comes
// after it. Bounded: of the changes for jobs still kept the newest are remembered; older shares are judged by the oldest one.
import type { DifficultyTier } from './difficulty-tiers.ts';

interface PinnedTier {
  /** Id of the first job sent with it. */
  readonly since: number;
  readonly tier: DifficultyTier;
}

/** Changes remembered: more than a review a second, over all jobs kept, would need. */
const PINS_KEPT = 32;

export class DifficultyPins {
  /** The present difficulty. */
  tier: DifficultyTier;
  /** Id of the first job sent with the present tier. */
  #since: number;
  /** Oldest first; undefined until the first change. */
  #earlier: PinnedTier[] | undefined = undefined;

  constructor(tier: DifficultyTier, firstJobId: number) {
    this.tier = tier;
    this.#since = firstJobId;
  }

  /** From job `since` on another difficulty holds. @param oldestJobId jobs before it are forgotten. */
  change(tier: DifficultyTier, since: number, oldestJobId: number): void {
    const earlier = (this.#earlier ??= []);
    earlier.push({ since: this.#since, tier: this.tier });
    while (earlier.length > 1 && (earlier[1]!.since <= oldestJobId || earlier.length > PINS_KEPT)) earlier.shift();
    this.tier = tier;
    this.#since = since;
  }

  /** The difficulty a job was sent with. */
  of(jobId: number): DifficultyTier {
    const earlier = this.#earlier;
    if (jobId >= this.#since || earlier === undefined) return this.tier;
    for (let i = earlier.length - 1; i > 0; i--) if (earlier[i]!.since <= jobId) return earlier[i]!.tier;
    return earlier[0]!.tier;
  }
}
