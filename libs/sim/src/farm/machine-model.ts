// Models of machines and the ways they fail. The simulated farm mines for real, so every machine is scaled down by SCALE:
// a 104 TH/s machine hashes at 10.4 kH/s here, which one processor core can afford for a whole farm.
import type { Algorithm } from '@assay/mining';

/** Simulated hashes per real hash. */
export const SCALE = 1e-10;

export interface MachineModel {
  readonly name: string;
  readonly userAgent: string;
  /** Of the real machine, hashes per second. */
  readonly ratedHashRateHs: number;
  readonly versionMask: number;
}

const TERA = 1e12;
const ROLLING = 0x1fffe000;

export const MACHINE_MODELS: readonly MachineModel[] = [
  { name: 's19jpro', userAgent: 'bmminer/2.0.0', ratedHashRateHs: 104 * TERA, versionMask: ROLLING },
  { name: 's21', userAgent: 'cgminer/4.12.0', ratedHashRateHs: 200 * TERA, versionMask: ROLLING },
  { name: 's19kpro', userAgent: 'bosminer-plus-tuner/24.09', ratedHashRateHs: 120 * TERA, versionMask: ROLLING },
  { name: 'm30s', userAgent: 'btcminer/3.4.0', ratedHashRateHs: 100 * TERA, versionMask: ROLLING },
  { name: 'm50s', userAgent: 'btcminer/3.5.1', ratedHashRateHs: 128 * TERA, versionMask: ROLLING },
  { name: 'a1366', userAgent: 'cgminer/4.11.1', ratedHashRateHs: 130 * TERA, versionMask: 0 },
];

/** How a machine misbehaves. */
export type Ailment =
  | { readonly type: 'healthy' }
  /** Works for a while, then connects and never delivers again. */
  | { readonly type: 'dead'; readonly afterSeconds: number }
  /** Delivers this fraction of what it should. */
  | { readonly type: 'slow'; readonly fraction: number }
  /** Slow to switch: works on for some seconds on a job that is worthless by then. */
  | { readonly type: 'stale-prone'; readonly switchSeconds: number }
  /** Its connection breaks again and again. */
  | { readonly type: 'flapping'; readonly upSeconds: number; readonly downSeconds: number }
  /** One of three hash boards returns wrong nonces: a third of the rate is lost and some submits do not prove. */
  | { readonly type: 'bad-board'; readonly badSubmitsPerMinute: number };

export interface MachineSpec {
  readonly algorithm: Algorithm;
  readonly username: string;
  readonly password: string;
  readonly userAgent: string;
  readonly versionMask: number;
  /** What the machine hashes when healthy, hashes per second, already scaled. */
  readonly hashRateHs: number;
  readonly ailment: Ailment;
  /** How long each of its lines takes to the pool, milliseconds; none when left out. What the pool sends arrives at once. */
  readonly lineMs?: number;
}

/** The fraction of its rated hash rate that a machine really works at. */
export function workingFraction(ailment: Ailment): number {
  switch (ailment.type) {
    case 'slow':
      return ailment.fraction;
    case 'bad-board':
      return 2 / 3;
    case 'healthy':
    case 'dead':
    case 'stale-prone':
    case 'flapping':
      return 1;
  }
}
