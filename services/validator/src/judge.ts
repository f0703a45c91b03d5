// The judgement of a block, which trusts nothing of the gateway's: every share is hashed again and judged by what the block shows.
// What the block cannot show (stale, duplicate on its connection, not authorized, rate limited) the gateway alone can know, so a
// share it rejected for such a reason stays rejected. Invariant: the judgement is a function of the block and of the window.
import {
  bitsOutsideMask,
  difficultyFromHash,
  meetsTarget,
  ntimeInRange,
  REJECT_CODE,
  REJECT_REASONS,
  targetFromNbits,
  type Algorithm,
  type RejectReason,
} from '@assay/mining';
import { HASH_BYTES } from '@assay/pow';
import type { SubmittedBlock, VerifiedBlock } from '@assay/share-block';
import type { DuplicateWindow } from './duplicate-window.ts';
import { ShareHasher, type Hashed } from './hash-shares.ts';
import { TargetMemo } from './target-memo.ts';

/** Reasons that the block's own fields prove or refute. */
const PROVABLE: ReadonlySet<RejectReason> = new Set([
  'ntime_out_of_range',
  'version_bits',
  'low_difficulty',
  'unproven',
]);
const ONLY_THE_GATEWAY_KNOWS = Uint8Array.from(REJECT_REASONS, (reason, code) =>
  code !== 0 && !PROVABLE.has(reason) ? 1 : 0,
);

export class Judge {
  readonly #hasher: ShareHasher;
  readonly #targets: Readonly<Record<Algorithm, TargetMemo>> = {
    sha256d: new TargetMemo('sha256d'),
    scrypt: new TargetMemo('scrypt'),
  };
  readonly #maxNtimeAheadSeconds: number;

  /** @param hashed is told of the time hashing takes */
  constructor(maxNtimeAheadSeconds: number, hashed: Hashed = () => undefined) {
    this.#hasher = new ShareHasher(hashed);
    this.#maxNtimeAheadSeconds = maxNtimeAheadSeconds;
  }

  /**
   * @param offset of the submitted record the block came in
   * @param window of the partition; every proven share of the block is marked in it
   */
  async judge(block: SubmittedBlock, offset: number, window: DuplicateWindow): Promise<VerifiedBlock> {
    const { hashes, hashed } = await this.#hasher.hash(block);
    const networkTargets = block.jobs.map((job) => targetFromNbits(job.nbits));
    const verifiedRejectCode = new Uint8Array(block.count);
    const shareDifficulty = new Float64Array(block.count);
    const blockCandidate = new Uint8Array(block.count);
    for (let i = 0; i < block.count; i++) {
      const gatewayCode = block.rejectCode[i]!;
      if (hashed[i] === 0) {
        verifiedRejectCode[i] = gatewayCode === 0 ? REJECT_CODE.unproven : gatewayCode;
        continue;
      }
      const at = i * HASH_BYTES;
      const job = block.job[i]!;
      const networkTarget = networkTargets[job];
      shareDifficulty[i] = difficultyFromHash(hashes, at, block.jobs[job]!.algorithm);
      if (networkTarget !== undefined && meetsTarget(hashes, at, networkTarget)) blockCandidate[i] = 1;
      verifiedRejectCode[i] =
        ONLY_THE_GATEWAY_KNOWS[gatewayCode] === 1 ? gatewayCode : this.#ownCode(block, i, hashes, offset, window);
    }
    return { ...block, verifiedRejectCode, hashes, shareDifficulty, blockCandidate };
  }

  /** What the block itself shows of a share that was hashed. The order is that of the gateway's checks, save that what was never proven cannot be a duplicate. */
  #ownCode(block: SubmittedBlock, i: number, hashes: Uint8Array, offset: number, window: DuplicateWindow): number {
    const job = block.jobs[block.job[i]!]!;
    if (!ntimeInRange(block.ntime[i]!, job.ntime, this.#maxNtimeAheadSeconds)) return REJECT_CODE.ntime_out_of_range;
    if (bitsOutsideMask(block.versionBits[i]!, block.versionMask[i]!)) return REJECT_CODE.version_bits;
    const target = this.#targets[job.algorithm].of(block.difficulty[i]!);
    // Work of a difficulty that cannot be assigned is not work that can be added up.
    if (target === undefined) return REJECT_CODE.unproven;
    if (!meetsTarget(hashes, i * HASH_BYTES, target)) return REJECT_CODE.low_difficulty;
    return window.mark(hashes, i * HASH_BYTES, offset) ? REJECT_CODE.duplicate : 0;
  }
}

/** Whether a share of a verified block was proven, and so is in the window: accepted, or a duplicate that the validator found. */
export function wasProven(block: VerifiedBlock, i: number): boolean {
  const code = block.verifiedRejectCode[i]!;
  return code === 0 || (code === REJECT_CODE.duplicate && block.rejectCode[i] !== REJECT_CODE.duplicate);
}
