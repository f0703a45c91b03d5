// Sends what is owed. The order is what makes it at least once: a message is owed on record before it is sent, and its outcome is on record
// before it is forgotten. A crash in between sends it again, under the same id.
import { createHash } from 'node:crypto';
import type { AlertRecord } from '@assay/alerting';
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { AlerterMetrics } from '../alerter-metrics.ts';
import type { AlertChannel, SendOutcome } from '../channels/channel.ts';
import { Lane, type LaneLimits, type Turn } from './lane.ts';
import { messageFor, type Outbox, type Owed } from './outbox.ts';

export interface ConfiguredChannel {
  /** `slack`, `telegram`, `mail` or `webhook`: for metrics. */
  readonly kind: string;
  readonly channel: AlertChannel;
}

export interface SenderPorts {
  readonly outbox: Outbox;
  /** Resolves once the records are durable. */
  readonly append: (records: readonly AlertRecord[]) => Promise<void>;
  /** Undefined when there is no such channel any more. */
  readonly channel: (id: string) => ConfiguredChannel | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: AlerterMetrics;
  readonly limits: LaneLimits;
  /** Most messages under way at once, over all channels. */
  readonly maxInFlight: number;
}

const LONGEST_PAUSE_MS = 60_000;

export class Sender {
  readonly #ports: SenderPorts;
  readonly #signal: AbortSignal;
  readonly #lanes = new Map<string, Lane>();
  readonly #busy = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #failed: (error: unknown) => void = () => undefined;

  /** @param signal ends it: what is under way is given up and will be sent again. */
  constructor(ports: SenderPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
  }

  /** Resolves when the signal has aborted and nothing is under way; rejects when an outcome could not be put on record. */
  async run(): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#failed = reject;
        if (this.#signal.aborted) return resolve();
        this.#signal.addEventListener('abort', () => resolve(), { once: true });
        this.nudge();
      });
    } finally {
      clearTimeout(this.#timer);
      await Promise.allSettled(this.#underWay);
    }
  }

  /** Something is owed, or a channel is free: look now. */
  nudge(): void {
    clearTimeout(this.#timer);
    if (this.#signal.aborted) return;
    const { outbox, clock, maxInFlight } = this.#ports;
    const nowUs = clock.nowUs();
    let soonestUs = nowUs + LONGEST_PAUSE_MS * 1000;
    for (const channel of [...outbox.channels]) {
      if (this.#busy.has(channel)) continue;
      if (this.#busy.size >= maxInFlight) break;
      const lane = this.#lane(channel);
      const turn = lane.next(outbox.lane(channel), nowUs);
      if (turn.type === 'wait') soonestUs = Math.min(soonestUs, turn.untilUs);
      else this.#start(channel, lane, turn);
    }
    this.#timer = setTimeout(() => this.nudge(), Math.max(1, Math.ceil((soonestUs - nowUs) / 1000)));
  }

  #lane(channel: string): Lane {
    let lane = this.#lanes.get(channel);
    if (lane === undefined) this.#lanes.set(channel, (lane = new Lane(this.#ports.limits, this.#ports.random)));
    return lane;
  }

  #start(channel: string, lane: Lane, turn: Exclude<Turn, { type: 'wait' }>): void {
    this.#busy.add(channel);
    const work = (turn.type === 'digest' ? this.#digest(channel, turn.members) : this.#send(lane, turn.owed))
      .then(
        () => {
          this.#busy.delete(channel);
          this.nudge();
        },
        (error: unknown) => this.#failed(error),
      )
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #digest(channel: string, members: readonly Owed[]): Promise<void> {
    const { clock, metrics } = this.#ports;
    const of = members.map(({ id }) => id);
    const id = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32);
    await this.#record({ type: 'digest', digest: { id, channel, atUs: clock.nowUs(), of } });
    metrics.digested.inc(of.length);
  }

  async #send(lane: Lane, owed: Owed): Promise<void> {
    const { clock, logger, metrics } = this.#ports;
    const configured = this.#ports.channel(owed.channel);
    const kind = configured?.kind ?? 'removed';
    lane.spend();
    const startedUs = clock.nowUs();
    const outcome: SendOutcome =
      configured === undefined
        ? { type: 'refused', reason: 'the channel was removed' }
        : await configured.channel.send(messageFor(owed), this.#signal);
    // Cut short from here, the message was perhaps delivered and perhaps not: it is sent again by whoever comes next.
    if (this.#signal.aborted && outcome.type !== 'delivered') return;
    const atUs = clock.nowUs();
    metrics.sent(kind, outcome.type, (atUs - startedUs) / 1e6);
    const attempts = owed.attempts + 1;
    const about = { id: owed.id, channel: owed.channel, kind, attempts };
    const verdict = lane.settle(owed, outcome, atUs);
    switch (verdict.type) {
      case 'delivered': {
        const note = outcome.type === 'delivered' ? outcome.note : undefined;
        if (note !== undefined) logger.warn({ ...about, note }, 'an alert was delivered, but not as it was to be');
        await this.#record({ type: 'delivered', id: owed.id, atUs, attempts, ...(note === undefined ? {} : { note }) });
        metrics.settled(kind, 'delivered', owed.notifications.length);
        return;
      }
      case 'retry': {
        const reason = reasonOf(outcome);
        logger.warn({ ...about, reason }, 'an alert could not be sent and is tried again');
        await this.#record({ type: 'retry', id: owed.id, atUs, attempts, reason, nextAtUs: verdict.nextAtUs });
        return;
      }
      case 'undeliverable': {
        const reason = reasonOf(outcome);
        logger.error({ ...about, reason }, 'an alert could not be delivered and is given up');
        await this.#record({ type: 'undeliverable', id: owed.id, atUs, attempts, reason });
        metrics.settled(kind, 'undeliverable', owed.notifications.length);
        return;
      }
    }
  }

  async #record(record: AlertRecord): Promise<void> {
    await this.#ports.append([record]);
    this.#ports.outbox.apply(record);
  }
}

function reasonOf(outcome: SendOutcome): string {
  return outcome.type === 'delivered' ? '' : outcome.reason;
}
