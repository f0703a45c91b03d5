// One simulated machine, minute by minute: shares are a Poisson process, vardiff holds its pace, and at minute 0 a fault begins. Seeded.
import { PoissonSampler, type Random } from '@assay/kernel';
import { ALGORITHMS } from '@assay/mining';
import type { DetectionMinute } from '@assay/detection';

export type Fault =
  | { readonly type: 'healthy' }
  /** Delivers this fraction of what it should. */
  | { readonly type: 'loss'; readonly fraction: number }
  /** Loses so much more of its rate every hour, down to half. */
  | { readonly type: 'drift'; readonly perHour: number }
  /** So many of its shares are rejected as stale. */
  | { readonly type: 'stale'; readonly fraction: number }
  /** Its connection breaks again and again. */
  | { readonly type: 'flapping'; readonly upSeconds: number; readonly downSeconds: number };

/** Stale shares of a healthy machine: the rejected rule's baseline, at which it must hold its stated rate. */
export const USUAL_STALE_FRACTION = 0.01;

export const DIFFICULTY = 65536;
const START_MINUTE = 29_000_000;
/** Means are rounded to this fraction of the healthy one, so that few samplers serve all of them. */
const MEAN_STEPS = 2000;

/** What a machine of so many accepted shares a minute hashes at the simulated difficulty. */
export function hashRateOf(sharesPerMinute: number): number {
  return (sharesPerMinute * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;
}

export class WorkerMinutes {
  readonly #random: Random;
  readonly #sharesPerMinute: number;
  readonly #expectedHashRateHs: number | undefined;
  readonly #samplers = new Map<number, PoissonSampler>();
  #minute = START_MINUTE;
  #faultySince = 0;
  #fault: Fault = { type: 'healthy' };
  #flapOffset = 0;

  /** @param configured whether the machine's expected rate is known */
  constructor(random: Random, sharesPerMinute: number, configured: boolean) {
    this.#random = random;
    this.#sharesPerMinute = sharesPerMinute;
    this.#expectedHashRateHs = configured ? hashRateOf(sharesPerMinute) : undefined;
  }

  begin(fault: Fault): void {
    this.#fault = fault;
    this.#faultySince = this.#minute + 1;
    if (fault.type === 'flapping') this.#flapOffset = this.#random.float() * (fault.upSeconds + fault.downSeconds);
  }

  next(): DetectionMinute {
    this.#minute++;
    const { up, connects } = this.#upTime();
    const shares = this.#draw(this.#rateFraction() * up);
    const stale = this.#draw(this.#staleFraction() * up);
    return {
      minute: this.#minute,
      algorithm: 'sha256d',
      shares,
      work: shares * DIFFICULTY,
      rejected: stale === 0 ? NONE_REJECTED : { stale },
      difficulty: DIFFICULTY,
      connected: up > 0,
      connects,
      expectedHashRateHs: this.#expectedHashRateHs,
    };
  }

  #rateFraction(): number {
    const fault = this.#fault;
    switch (fault.type) {
      case 'loss':
        return fault.fraction;
      case 'drift':
        return Math.max(0.5, 1 - (fault.perHour * (this.#minute - this.#faultySince)) / 60);
      case 'stale':
        // Of all shares, of which the healthy machine's accepted ones are what the expectation is made of.
        return (1 - fault.fraction) / (1 - USUAL_STALE_FRACTION);
      case 'healthy':
      case 'flapping':
        return 1;
    }
  }

  #staleFraction(): number {
    const fraction = this.#fault.type === 'stale' ? this.#fault.fraction : USUAL_STALE_FRACTION;
    return fraction / (1 - USUAL_STALE_FRACTION);
  }

  /** The part of the minute in which the machine was connected, and how often it connected in it. */
  #upTime(): { up: number; connects: number } {
    if (this.#fault.type !== 'flapping') return { up: 1, connects: 0 };
    const { upSeconds, downSeconds } = this.#fault;
    const cycle = upSeconds + downSeconds;
    const from = (this.#minute - this.#faultySince) * 60 + this.#flapOffset;
    // Seconds up, and connections made, until a moment: a cycle begins with a connection.
    const upUntil = (at: number): number => Math.floor(at / cycle) * upSeconds + Math.min(upSeconds, at % cycle);
    return {
      up: (upUntil(from + 60) - upUntil(from)) / 60,
      connects: Math.floor((from + 60) / cycle) - Math.floor(from / cycle),
    };
  }

  /** Shares of a process of this fraction of the healthy rate. */
  #draw(fraction: number): number {
    const step = Math.round(fraction * MEAN_STEPS);
    let sampler = this.#samplers.get(step);
    if (sampler === undefined) {
      sampler = new PoissonSampler((this.#sharesPerMinute * step) / MEAN_STEPS);
      this.#samplers.set(step, sampler);
    }
    return sampler.draw(this.#random);
  }
}

const NONE_REJECTED = {};
