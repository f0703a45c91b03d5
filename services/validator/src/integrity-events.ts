// Disagreements between gateway and validator are integrity events: a gateway is broken, out of date, or lies. Each is counted;
// the log tells of each gateway and reason at most once in ten seconds, so that a flood of them drowns nothing else, and the pool's events
// once a minute (integrity-reports.ts).
import type { Clock } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';
import { REJECT_REASONS } from '@assay/mining';
import type { Logger } from '@assay/platform';
import type { RecordSource, VerifiedBlock } from '@assay/share-block';
import type { IntegrityReports } from './integrity-reports.ts';
import type { ValidatorMetrics } from './validator-metrics.ts';

const QUIET_US = 10 * MICROS_PER_SECOND;
/** Gateways told apart in the metrics and the reports; the names of further ones are counted as 'other', as a name costs memory for good. */
const MAX_GATEWAYS = 64;

export class IntegrityEvents {
  readonly #logger: Logger;
  readonly #metrics: ValidatorMetrics;
  readonly #clock: Clock;
  readonly #reports: IntegrityReports;
  readonly #gateways = new Set<string>();
  readonly #lastToldUs = new Map<string, number>();

  constructor(logger: Logger, metrics: ValidatorMetrics, clock: Clock, reports: IntegrityReports) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#reports = reports;
  }

  /**
   * Counts where the two verdicts differ. The reason is the validator's where it rejects what the gateway accepted, and
   * 'refuted_' with the gateway's where it accepts what the gateway rejected.
   */
  note(block: VerifiedBlock, source: RecordSource): void {
    const { count, rejectCode, verifiedRejectCode } = block;
    for (let i = 0; i < count; i++) {
      if ((rejectCode[i] === 0) === (verifiedRejectCode[i] === 0)) continue;
      const reason =
        rejectCode[i] === 0 ? REJECT_REASONS[verifiedRejectCode[i]!]! : `refuted_${REJECT_REASONS[rejectCode[i]!]!}`;
      const gateway = this.#label(block.gateway);
      this.#metrics.disagreements.inc({ gateway, reason });
      this.#reports.note(gateway, reason, rejectCode[i] === 0);
      this.#tell(block, i, gateway, reason, source);
    }
  }

  #tell(block: VerifiedBlock, i: number, gateway: string, reason: string, source: RecordSource): void {
    const key = `${gateway} ${reason}`;
    const nowUs = this.#clock.nowUs();
    if (nowUs - (this.#lastToldUs.get(key) ?? -Infinity) < QUIET_US) return;
    this.#lastToldUs.set(key, nowUs);
    this.#logger.warn(
      {
        event: 'integrity',
        gateway: block.gateway,
        reason,
        worker: block.worker.values[block.worker.codes[i]!],
        job: block.jobs[block.job[i]!]?.hash,
        nonce: block.nonce[i],
        assigned: block.difficulty[i],
        achieved: block.shareDifficulty[i],
        ...source,
      },
      'gateway and validator disagree about a share',
    );
  }

  #label(gateway: string): string {
    if (this.#gateways.has(gateway)) return gateway;
    if (this.#gateways.size === MAX_GATEWAYS) return 'other';
    this.#gateways.add(gateway);
    return gateway;
  }
}
