// Machines that only make load: shares are so easy that each costs a few dozen hashes.
import { ALGORITHMS } from '@assay/mining';
import type { MachineSpec } from '@assay/sim';

/** The difficulty LOAD_SETTINGS gives every worker. */
export const LOAD_DIFFICULTY = 1e-8;

/** `count` machines over three tenants, each finding `sharesPerSecond` on average. */
export function loadFarm(count: number, sharesPerSecond: number): MachineSpec[] {
  const hashRateHs = LOAD_DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty * sharesPerSecond;
  return Array.from({ length: count }, (_, i) => ({
    algorithm: 'sha256d',
    username: `tenant${i % 3}.site${i % 2}.m${String(i).padStart(5, '0')}`,
    password: `x,rate=${hashRateHs}`,
    userAgent: 'load/1.0',
    versionMask: i % 2 === 0 ? 0x1fffe000 : 0,
    hashRateHs,
    ailment: { type: 'healthy' },
  }));
}
