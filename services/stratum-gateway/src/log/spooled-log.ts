// The log with a spool in front of it, so that shares are durable, and miners answered, while the log is away.
//
//   direct    the spool is empty: records go to the log. The first append that fails retriably, or takes longer than `afterMs`, goes to
//             the spool instead, and so does everything after it.
//   spooling  records go to the spool, and SpoolDrain moves them from there to the log as soon as that takes them again.
//   closing   so little is left that new records wait for the last of it, some milliseconds, and then go to the log directly.
//
// Invariants: what `append` resolved for is in the log or in the spool; records of one caller reach a partition in the order they were
// appended. A record whose append has no known outcome is spooled for the same partition, and appended again only if the log does not hold
// it (spool-doubts.ts); should it come to stand there twice all the same, the validator's duplicate window counts it once (docs/adr/0009).
import { LogError, TOPIC, type EventLog, type LogRecord, type Spool, type SpoolStats } from '@assay/event-log';
import type { Logger } from '@assay/platform';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { isRetriable, messageOf, type ShareLog } from './share-log.ts';
import { SpoolDrain, type Attempt } from './spool-drain.ts';

/** When no more than this is left, new records wait for the last of it. */
const LAST_RECORDS = 64;
/** A log that is away is tried again this often. */
const PROBE_MS = 500;
/** How long `stop` goes on draining into a log that answers. */
const STOP_PATIENCE_MS = 10_000;
const LATE = Symbol('late');

export class SpooledLog implements ShareLog {
  readonly #log: EventLog;
  readonly #spool: Spool;
  readonly #afterMs: number;
  readonly #logger: Logger;
  readonly #tallies: GatewayTallies;
  readonly #drain: SpoolDrain;
  #mode: 'direct' | 'spooling' | 'closing' = 'direct';
  /** Appends to the spool under way, and who waits for the last of them. */
  #spooling = 0;
  #onSpooled: (() => void) | undefined;
  /** Resolves when 'closing' is over, one way or the other. */
  #closed: Promise<void> = Promise.resolve();
  #full = false;
  /** Why the spool takes nothing, though it has room. */
  #spoolTrouble: string | undefined;
  #stopping: 'no' | 'when away' | 'now' = 'no';
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  /** @param afterMs how long an append to the log may take before its records are spooled */
  constructor(log: EventLog, spool: Spool, afterMs: number, logger: Logger, tallies: GatewayTallies) {
    this.#log = log;
    this.#spool = spool;
    this.#afterMs = afterMs;
    this.#logger = logger;
    this.#tallies = tallies;
    this.#drain = new SpoolDrain(log, spool, tallies);
  }

  /** Begins with the log if that answers and an earlier run left nothing in the spool, which would have to go first. */
  async start(): Promise<void> {
    const { records, bytes } = this.#spool.stats();
    if (records > 0) this.#logger.warn({ records, bytes }, 'the spool holds records of an earlier run');
    try {
      const known = await this.#inTime(this.#drain.partitions(TOPIC.sharesSubmitted));
      if (records > 0) this.#beginSpooling(undefined);
      else if (known === LATE) this.#beginSpooling(`it has not answered for ${this.#afterMs} ms`);
      else this.#learnEnds();
    } catch (error) {
      if (!isRetriable(error)) throw error;
      this.#beginSpooling(messageOf(error));
    }
  }

  get full(): boolean {
    return this.#mode !== 'direct' && this.#full;
  }

  /** Why the log takes nothing now; undefined as long as it does. */
  get logAway(): string | undefined {
    return this.#mode === 'direct' ? undefined : this.#drain.trouble;
  }

  /** Whether what is appended now is taken, by the log or by the spool. */
  get takesShares(): boolean {
    return this.logAway === undefined || (!this.#full && this.#spoolTrouble === undefined);
  }

  /** For the readiness report. */
  get state(): string {
    const away = this.logAway;
    if (this.#mode === 'direct') return 'ok';
    if (away === undefined) return 'the spool is being drained';
    const spool = this.#full ? 'the spool is full' : this.#spoolTrouble;
    return spool === undefined ? `spooling, since the log is away: ${away}` : `${spool}, and the log is away: ${away}`;
  }

  get stats(): SpoolStats {
    return this.#spool.stats();
  }

  async partitions(topic: string): Promise<number | undefined> {
    return this.#mode === 'direct' ? this.#drain.partitions(topic) : this.#drain.knownPartitions(topic);
  }

  async append(topic: string, records: readonly LogRecord[], partition?: number): Promise<void> {
    while (this.#mode === 'closing') await this.#closed;
    if (this.#mode === 'spooling') return this.#keep(topic, records, partition);

    const from = this.#drain.knownEnd(topic, partition);
    const outcome = this.#log.append(topic, records, partition);
    let reason = `it has not taken an append for ${this.#afterMs} ms`;
    try {
      const appended = await this.#inTime(outcome);
      if (appended !== LATE)
        return this.#drain.reached(topic, appended.partition, appended.baseOffset + records.length);
    } catch (error) {
      if (!isRetriable(error)) throw error;
      reason = messageOf(error);
    }
    this.#tallies.failedAppends++;
    this.#beginSpooling(reason);
    await this.#keep(topic, records, partition, { from, outcome });
  }

  /** Goes on draining for a while if the log answers; the rest is for the next start. Nothing may be appended any more. */
  async stop(): Promise<void> {
    this.#stopping = 'when away';
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const impatient = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_PATIENCE_MS)));
    await Promise.race([this.#running, impatient]);
    clearTimeout(timer);
    this.#stopping = 'now';
    const { records } = this.#spool.stats();
    if (records > 0) this.#logger.warn({ records }, 'the spool keeps for the next start what could not be drained');
  }

  /** @param attempt the append to the log that came to nothing in time */
  async #keep(
    topic: string,
    records: readonly LogRecord[],
    partition: number | undefined,
    attempt?: Attempt,
  ): Promise<void> {
    this.#spooling++;
    try {
      const position = await this.#spool.append(topic, records, partition);
      if (attempt !== undefined) this.#drain.mayBeLogged(position, attempt);
      this.#tallies.spooledRecords += records.length;
      this.#spoolTrouble = undefined;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      this.#spoolTrouble = error.message;
      this.#logger.error({ err: error }, 'the log is away and the spool takes nothing: shares are refused');
      // Code 'unavailable' says that the records may be in the log, and only without an attempt is it known that they are not.
      const code = attempt === undefined ? error.code : 'unavailable';
      throw new LogError(code, error.message, { retriable: false, cause: error });
    } finally {
      this.#full = !this.#spool.hasRoom;
      if (--this.#spooling === 0) this.#onSpooled?.();
    }
  }

  /** @param away why the log takes nothing, if that is known already */
  #beginSpooling(away: string | undefined): void {
    if (this.#mode !== 'direct') return;
    this.#mode = 'spooling';
    this.#full = !this.#spool.hasRoom;
    if (away !== undefined) {
      this.#drain.trouble = away;
      this.#logger.warn({ reason: away }, 'the log is away: shares are spooled');
    }
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    // The record that could not be appended goes to the spool first: an empty one would say that all is well.
    await Promise.resolve();
    await this.#spooled();
    while (this.#stopping !== 'now') {
      const before = this.#drain.trouble;
      const outcome = await this.#drain.step();
      this.#full = !this.#spool.hasRoom;
      this.#tellOfChange(before, this.#drain.trouble);
      if (outcome === 'failed') {
        if (this.#stopping !== 'no') return;
        await this.#pause();
      } else if (this.#spool.stats().records <= LAST_RECORDS && (await this.#close())) return;
    }
  }

  #tellOfChange(before: string | undefined, now: string | undefined): void {
    if (before === now) return;
    if (now === undefined) this.#logger.warn(this.#spool.stats(), 'the log is back: the spool is being drained');
    else this.#logger.warn({ reason: now }, 'the spool cannot be drained into the log');
  }

  /** Drains the last of it while new records wait, for at most `afterMs`. True when they may go to the log directly from now on. */
  async #close(): Promise<boolean> {
    let open = (): void => undefined;
    this.#closed = new Promise((resolve) => (open = resolve));
    this.#mode = 'closing';
    const last = this.#drainLast();
    const outcome = await this.#inTime(last);
    this.#mode = outcome === true ? 'direct' : 'spooling';
    open();
    if (outcome === true) {
      this.#logger.warn('the spool is empty: shares go to the log');
      this.#learnEnds();
      // What is under way is finished before the next step begins.
    } else if (outcome === LATE) await last;
    return outcome === true;
  }

  /** Not to be waited for: only a later outage needs them. */
  #learnEnds(): void {
    this.#drain.learnEnds(TOPIC.sharesSubmitted).catch(() => undefined);
  }

  async #drainLast(): Promise<boolean> {
    await this.#spooled();
    for (;;) {
      const outcome = await this.#drain.step();
      if (outcome !== 'moved') return outcome === 'empty';
    }
  }

  /** Resolves when no append to the spool is under way. */
  async #spooled(): Promise<void> {
    if (this.#spooling > 0) await new Promise<void>((resolve) => (this.#onSpooled = resolve));
    this.#onSpooled = undefined;
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PROBE_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** The promise's outcome, or LATE when that takes longer than `afterMs`; then it is left to itself. */
  async #inTime<T>(promise: Promise<T>): Promise<T | typeof LATE> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof LATE>((resolve) => (timer = setTimeout(() => resolve(LATE), this.#afterMs)));
    promise.catch(() => undefined);
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
