// Targets of the difficulties met lately. Making one takes an exact division; a pool assigns few distinct difficulties, and a
// gateway that sends many makes the memo start anew, not grow.
import { isNormalDifficulty, targetFromDifficulty, type Algorithm } from '@assay/mining';

const MAX_TARGETS = 4096;

export class TargetMemo {
  readonly #algorithm: Algorithm;
  readonly #targets = new Map<number, Uint8Array>();

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm;
  }

  /** The target of an assigned difficulty; undefined when no gateway of ours assigns such a one (see libs/mining/src/difficulty.ts). */
  of(difficulty: number): Uint8Array | undefined {
    const known = this.#targets.get(difficulty);
    if (known !== undefined) return known;
    if (!isNormalDifficulty(difficulty)) return undefined;
    if (this.#targets.size === MAX_TARGETS) this.#targets.clear();
    const target = targetFromDifficulty(difficulty, this.#algorithm);
    this.#targets.set(difficulty, target);
    return target;
  }
}
