// The one pass over a block's shares that every rollup derives from. It allocates per worker, never per share.
import { ALGORITHMS, REJECT_REASONS } from '@assay/mining';
import type { Algorithm } from '@assay/mining';
import type { VerifiedBlock } from '@assay/share-block';
import type { Rollup } from './rollup.ts';
import { addWork } from './work-sum.ts';

const REASONS = REJECT_REASONS.length;
const ALGORITHM_NAMES = Object.keys(ALGORITHMS) as Algorithm[];
const NO_JOB = ALGORITHM_NAMES.length;

/**
 * Adds a verified block's shares to a rollup, each to the bucket in which it was submitted, however late it arrives. The
 * validator's verdict counts, the gateway's does not. Difficulties must be finite and not negative, times finite.
 */
export function summarise(rollup: Rollup, block: VerifiedBlock): void {
  const workers = block.worker.values.length;
  const kinds = NO_JOB + 1;
  const kindOfJob = Uint32Array.from(block.jobs, (job) => ALGORITHM_NAMES.indexOf(job.algorithm));
  // Per (worker, algorithm) of this block: the tenant and bucket it was last seen with, and the row that went with them.
  // Shares come in order of time and a worker belongs to one tenant, so nearly every share finds its row here.
  const combinations = workers * kinds;
  const lastTenant = new Int32Array(combinations).fill(-1);
  const lastBucket = new Float64Array(combinations);
  const lastRow = new Uint32Array(combinations);

  for (let i = 0; i < block.count; i++) {
    const job = block.job[i]!;
    const kind = job < 0 ? NO_JOB : kindOfJob[job]!;
    const tenant = block.tenant.codes[i]!;
    const worker = block.worker.codes[i]!;
    const combination = worker * kinds + kind;
    const atUs = block.submittedAtUs[i]!;
    const bucket = Math.floor(atUs / rollup.bucketUs);
    let row = lastRow[combination]!;
    if (lastTenant[combination] !== tenant || lastBucket[combination] !== bucket) {
      const algorithm = ALGORITHM_NAMES[kind] ?? '';
      row = rollup.rowOf(rollup.groupOf(block.tenant.values[tenant]!, block.worker.values[worker]!, algorithm), bucket);
      lastTenant[combination] = tenant;
      lastBucket[combination] = bucket;
      lastRow[combination] = row;
    }
    const difficulty = block.difficulty[i]!;
    rollup.noteLast(row, atUs, difficulty);
    const code = block.verifiedRejectCode[i]!;
    if (code !== 0) {
      rollup.rejected[row * REASONS + code]! += 1;
      continue;
    }
    rollup.accepted[row]! += 1;
    addWork(rollup.work, row, difficulty);
    rollup.workSquared[row]! += difficulty * difficulty;
    if (block.shareDifficulty[i]! > rollup.bestShare[row]!) rollup.bestShare[row] = block.shareDifficulty[i]!;
    if (atUs < rollup.firstAcceptedUs[row]!) rollup.firstAcceptedUs[row] = atUs;
    if (atUs > rollup.lastAcceptedUs[row]!) rollup.lastAcceptedUs[row] = atUs;
  }
}
