// What the validator counts. One instance per registry.
import type { Clock } from '@assay/kernel';
import { REJECT_REASONS, type Algorithm } from '@assay/mining';
import { PartitionProgress } from '@assay/platform';
import type { VerifiedBlock } from '@assay/share-block';
import { Counter, Histogram, type Registry } from 'prom-client';

export const METRICS_PREFIX = 'assay_validator_';

export class ValidatorMetrics {
  readonly #shares: Counter<'verdict' | 'reason'>;
  readonly #blocks: Counter;
  readonly #candidates: Counter;
  readonly #tally = new Float64Array(REJECT_REASONS.length);
  readonly deadLetters: Counter<'reason'>;
  readonly disagreements: Counter<'gateway' | 'reason'>;
  readonly failures: Counter;
  readonly expired: Counter;
  readonly progress: PartitionProgress;
  /** Blocks read and judged together. */
  readonly batchBlocks: Histogram;
  readonly appendSeconds: Histogram;
  readonly #hashSeconds: Counter<'algorithm'>;
  readonly #hashedShares: Counter<'algorithm'>;

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry];
    this.#shares = new Counter({
      name: `${METRICS_PREFIX}shares_total`,
      help: 'Shares judged, by verdict and reason.',
      labelNames: ['verdict', 'reason'],
      registers,
    });
    this.#blocks = new Counter({ name: `${METRICS_PREFIX}blocks_total`, help: 'Share blocks judged.', registers });
    this.#candidates = new Counter({
      name: `${METRICS_PREFIX}block_candidates_total`,
      help: 'Shares whose hash meets the network target of their job.',
      registers,
    });
    this.deadLetters = new Counter({
      name: `${METRICS_PREFIX}dead_letters_total`,
      help: 'Submitted records that are no block, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.disagreements = new Counter({
      name: `${METRICS_PREFIX}disagreements_total`,
      help: "Shares that the validator judged unlike the gateway, by the gateway's name and the reason.",
      labelNames: ['gateway', 'reason'],
      registers,
    });
    this.failures = new Counter({
      name: `${METRICS_PREFIX}partition_failures_total`,
      help: 'Times a partition had to be started again.',
      registers,
    });
    this.expired = new Counter({
      name: `${METRICS_PREFIX}expired_records_total`,
      help: 'Submitted records that retention removed before they were judged: their shares are lost.',
      registers,
    });
    this.progress = new PartitionProgress(registry, METRICS_PREFIX, clock, 'proved');
    this.batchBlocks = new Histogram({
      name: `${METRICS_PREFIX}batch_blocks`,
      help: 'Submitted records taken from the log at once.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 256, 1000],
      registers,
    });
    this.appendSeconds = new Histogram({
      name: `${METRICS_PREFIX}append_seconds`,
      help: 'Time until an append of verified records was durable.',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    });
    this.#hashSeconds = new Counter({
      name: `${METRICS_PREFIX}hash_seconds_total`,
      help: 'Time spent hashing in WebAssembly: it holds the event loop.',
      labelNames: ['algorithm'],
      registers,
    });
    this.#hashedShares = new Counter({
      name: `${METRICS_PREFIX}hashed_shares_total`,
      help: 'Shares hashed.',
      labelNames: ['algorithm'],
      registers,
    });
  }

  hashed(algorithm: Algorithm, shares: number, seconds: number): void {
    this.#hashSeconds.inc({ algorithm }, seconds);
    this.#hashedShares.inc({ algorithm }, shares);
  }

  countBlock(block: VerifiedBlock): void {
    this.#blocks.inc();
    this.#tally.fill(0);
    let candidates = 0;
    for (let i = 0; i < block.count; i++) {
      this.#tally[block.verifiedRejectCode[i]!]! += 1;
      candidates += block.blockCandidate[i]!;
    }
    this.#tally.forEach((shares, code) => {
      if (shares > 0)
        this.#shares.inc({ verdict: code === 0 ? 'accepted' : 'rejected', reason: REJECT_REASONS[code]! }, shares);
    });
    if (candidates > 0) this.#candidates.inc(candidates);
  }
}
