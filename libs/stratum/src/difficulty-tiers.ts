// A difficulty with what follows from it, computed once and held in common by all connections that have it.
// Bounded: when the table is full it is emptied; tiers in use live on with their sessions.
import { type Algorithm, targetFromDifficulty } from '@assay/mining';
import { encodeSetDifficulty } from './message-encoder.ts';

export interface DifficultyTier {
  /** Normal, in the algorithm's own convention. */
  readonly difficulty: number;
  /** 32 bytes in header byte order. */
  readonly target: Uint8Array;
  /** The set_difficulty line. */
  readonly line: Uint8Array;
}

const TIERS_KEPT = 4096;

export class DifficultyTiers {
  readonly #algorithm: Algorithm;
  readonly #tiers = new Map<number, DifficultyTier>();

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
  }

  /** @param difficulty normal (see difficulty.ts in mining). */
  of(difficulty: number): DifficultyTier {
    let tier = this.#tiers.get(difficulty);
    if (tier === undefined) {
      if (this.#tiers.size >= TIERS_KEPT) this.#tiers.clear();
      tier = {
        difficulty,
        target: targetFromDifficulty(difficulty, this.#algorithm),
        line: encodeSetDifficulty(difficulty),
      };
      this.#tiers.set(difficulty, tier);
    }
    return tier;
  }
}
