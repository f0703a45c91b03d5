// What the validator counts. One instance per registry.
import { REJECT_REASONS } from '@assay/mining';
import type { VerifiedBlock } from '@assay/share-block';
import { Counter, type Registry } from 'prom-client';

const PREFIX = 'assay_validator_';

export class ValidatorMetrics {
  readonly #shares: Counter<'verdict' | 'reason'>;
  readonly #blocks: Counter;
  readonly #candidates: Counter;
  readonly #tally = new Float64Array(REJECT_REASONS.length);
  readonly deadLetters: Counter<'reason'>;
  readonly disagreements: Counter<'gateway' | 'reason'>;
  readonly failures: Counter;
  readonly expired: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#shares = new Counter({
      name: `${PREFIX}shares_total`,
      help: 'Shares judged, by verdict and reason.',
      labelNames: ['verdict', 'reason'],
      registers,
    });
    this.#blocks = new Counter({ name: `${PREFIX}blocks_total`, help: 'Share blocks judged.', registers });
    this.#candidates = new Counter({
      name: `${PREFIX}block_candidates_total`,
      help: 'Shares whose hash meets the network target of their job.',
      registers,
    });
    this.deadLetters = new Counter({
      name: `${PREFIX}dead_letters_total`,
      help: 'Submitted records that are no block, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.disagreements = new Counter({
      name: `${PREFIX}disagreements_total`,
      help: "Shares that the validator judged unlike the gateway, by the gateway's name and the reason.",
      labelNames: ['gateway', 'reason'],
      registers,
    });
    this.failures = new Counter({
      name: `${PREFIX}partition_failures_total`,
      help: 'Times a partition had to be started again.',
      registers,
    });
    this.expired = new Counter({
      name: `${PREFIX}expired_records_total`,
      help: 'Submitted records that retention removed before they were judged.',
      registers,
    });
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
