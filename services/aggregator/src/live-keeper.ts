// Keeps the live state in step with what is in ClickHouse, and says when it is not.
//
// On start the live state is rebuilt from ClickHouse. ClickHouse is at a known position only when no batch is half written, so
// each partition first writes again the batch that was under way, if any, then waits here; when all have arrived, the state is
// restored as of exactly their positions, and everything read after that is applied on top. Nothing is counted twice.
import type { PartitionSession } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';
import type { LivePosition, LiveState, LiveUpdate } from '@assay/live-state';
import type { Logger } from '@assay/platform';

/** Behind by more than this, live numbers are not current and must not be shown as such. */
export const MAX_LIVE_LAG_SECONDS = 30;

/** A batch is collected and written within this; behind by more, rates are to be asked as of what is in. */
const USUAL_LAG_US = 3 * MICROS_PER_SECOND;

/**
 * In a cluster the partitions are shared out, and how many come here is not known beforehand: with none newly arrived for this
 * long, those that came are all. One that comes later is applied on top.
 */
const ARRIVAL_MS = 3_000;

export interface LiveKeeperPorts {
  readonly live: LiveState;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs something later, unless the returned function is called first. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Rebuilds the live state as of the positions; retries what can be retried, and throws on what cannot. */
  readonly rebuild: (positions: readonly LivePosition[]) => Promise<void>;
}

export class LiveKeeper {
  readonly #ports: LiveKeeperPorts;
  readonly #expected: number;
  /** Partitions that are writing their unfinished batch again. */
  readonly #recovering = new Set<string>();
  /** Partitions that have, by where they stand. */
  readonly #arrived = new Map<string, LivePosition>();
  /** Up to when what was submitted to each partition is in: the newest applied, or when it was last seen with nothing left to read. */
  readonly #reachedUs = new Map<string, number>();
  readonly #restored: Promise<void>;
  #openGate!: () => void;
  #phase: 'gathering' | 'restoring' | 'restored' = 'gathering';
  #cancelArrival: () => void = () => undefined;
  /** No partition has newly arrived for ARRIVAL_MS. */
  #allArrived = false;
  #shownLive = false;
  #completeUntilUs: number | undefined;

  /** @param expectedPartitions how many partitions of the topics there are */
  constructor(expectedPartitions: number, ports: LiveKeeperPorts) {
    this.#expected = expectedPartitions;
    this.#ports = ports;
    this.#restored = new Promise((resolve) => (this.#openGate = resolve));
  }

  /** A session begins. While the state is being restored it has to wait: nothing may be written meanwhile. */
  async begin(session: PartitionSession): Promise<void> {
    if (this.#phase === 'restoring') await this.#gate(session);
    if (this.#phase === 'gathering') this.#recovering.add(key(session));
    this.#arrived.delete(key(session));
    this.#reachedUs.set(key(session), 0);
  }

  /** The partition's unfinished batch is in ClickHouse. Resolves when the live state is restored, or the session is over. */
  async recovered(session: PartitionSession, endOffset: number): Promise<void> {
    this.#recovering.delete(key(session));
    if (this.#phase === 'restored') return;
    this.#arrived.set(key(session), { topic: session.topic, partition: session.partition, endOffset });
    this.#waitForOthers();
    this.#restoreWhenAllArrived();
    await this.#gate(session);
  }

  /** Applies a batch that is in ClickHouse. Before the restore there is nothing to do: the restore will contain it. */
  async apply(update: LiveUpdate): Promise<void> {
    if (this.#phase !== 'restored') return;
    await this.#ports.live.apply(update);
    this.#reached(key(update), newestUs(update));
  }

  /** Nothing is left to read in the partition. */
  caughtUp(session: PartitionSession): void {
    this.#reached(key(session), this.#ports.clock.nowUs());
  }

  /** The session is over, for whatever reason. */
  end(session: PartitionSession): void {
    this.#reachedUs.delete(key(session));
    this.#recovering.delete(key(session));
    if (this.#phase !== 'gathering') return;
    this.#arrived.delete(key(session));
    this.#restoreWhenAllArrived();
  }

  /** To be called every second: the live state is shown as live while every partition held is nearly caught up. */
  async check(): Promise<void> {
    const nowUs = this.#ports.clock.nowUs();
    const oldestUs = Math.min(...this.#reachedUs.values());
    const lagUs = nowUs - oldestUs;
    const live =
      this.#phase === 'restored' && this.#reachedUs.size > 0 && lagUs <= MAX_LIVE_LAG_SECONDS * MICROS_PER_SECOND;
    // While a partition starts again nothing new is known of it, and what was complete stays so.
    const known = this.#reachedUs.size > 0 && oldestUs > 0;
    const completeUntilUs = !known ? this.#completeUntilUs : lagUs > USUAL_LAG_US ? oldestUs : undefined;
    if (live === this.#shownLive && completeUntilUs === this.#completeUntilUs) return;
    await this.#ports.live.setLive(live, completeUntilUs);
    this.#completeUntilUs = completeUntilUs;
    if (live === this.#shownLive) return;
    this.#shownLive = live;
    this.#ports.logger.info({ live }, live ? 'the live state is current' : 'the live state is not current');
  }

  stop(): void {
    this.#cancelArrival();
  }

  #reached(partition: string, atUs: number): void {
    const before = this.#reachedUs.get(partition);
    if (before !== undefined)
      this.#reachedUs.set(partition, Math.max(before, Math.min(atUs, this.#ports.clock.nowUs())));
  }

  #waitForOthers(): void {
    this.#cancelArrival();
    this.#allArrived = false;
    this.#cancelArrival = this.#ports.after(ARRIVAL_MS, () => {
      this.#allArrived = true;
      this.#restoreWhenAllArrived();
    });
  }

  #restoreWhenAllArrived(): void {
    // A partition that is writing its unfinished batch again is always waited for: half of it may be in ClickHouse.
    if (this.#phase !== 'gathering' || this.#recovering.size > 0 || this.#arrived.size === 0) return;
    if (this.#arrived.size < this.#expected && !this.#allArrived) return;
    this.#cancelArrival();
    void this.#restore();
  }

  async #restore(): Promise<void> {
    this.#phase = 'restoring';
    try {
      await this.#ports.rebuild([...this.#arrived.values()]);
    } catch (error) {
      this.#ports.logger.error(
        { err: error },
        'the live state could not be rebuilt: it starts empty, its rates warm up anew',
      );
    }
    this.#phase = 'restored';
    this.#openGate();
  }

  #gate(session: PartitionSession): Promise<void> {
    return Promise.race([this.#restored, aborted(session.signal)]);
  }
}

const key = ({ topic, partition }: Pick<PartitionSession, 'topic' | 'partition'>): string => `${topic}:${partition}`;

/** When the last of what an update brings was submitted; 0 when it brings nothing. */
function newestUs({ deltas, events }: LiveUpdate): number {
  let newest = 0;
  for (const { slotUs, lastShareAtUs } of deltas) newest = Math.max(newest, slotUs, lastShareAtUs);
  for (const { atUs } of events) newest = Math.max(newest, atUs);
  return newest;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
