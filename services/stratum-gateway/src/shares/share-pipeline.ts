// From a checked share to its answer: collect, prove, judge, encode, append, reply. One append is under way at a time, and what
// arrives meanwhile shares the next. Invariants: `true` is written only after the share's block is in the log (DESIGN D2); batches
// are answered in order, so replies on a connection keep the order of its requests; a share waits in memory for at most
// `maxPendingShares` others, beyond which submits are refused, never dropped. A share that somebody may want, such as an upstream
// pool, is proved and handed over within this turn of the event loop, whatever the log does: tracking costs no revenue.
import type { Clock } from '@assay/kernel';
import { LogError, TOPIC, type LogErrorCode, type LogRecord } from '@assay/event-log';
import { REJECT_REASONS } from '@assay/mining';
import { HASH_BYTES, type Prover } from '@assay/pow';
import { inSpan, noTracer, traceHeader, type Logger, type TraceParent, type Tracer } from '@assay/platform';
import { encodeSubmitted } from '@assay/share-block';
import { REPLY_HEAD, type CanonicalShare, type CheckedSubmit, type SubmitLine } from '@assay/stratum';
import type { Connection } from '../miners/connection.ts';
import type { GatewayTallies } from '../gateway-tallies.ts';
import { LOG_UNAVAILABLE_TAIL, REPLY_TAILS } from './reply-tails.ts';
import { BATCH_SHARES, isToBeHashed, ShareBatch, type ExtranonceLayout } from './share-batch.ts';
import { isRetriable, messageOf, type ShareLog } from '../log/share-log.ts';
import type { WorkerRecord } from '../miners/worker-registry.ts';

export interface SharePipelineSettings extends ExtranonceLayout {
  readonly gatewayName: string;
  readonly lingerMs: number;
  readonly flushShares: number;
  readonly maxPendingShares: number;
}

/** After a batch of so few shares there is no crowd to wait for: the next share is appended at once. */
const QUIET_SHARES = 2;
/** Replies that wait behind shares, at most this many per batch: a batch is closed early when it has them. */
const BATCH_ITEMS = 4 * BATCH_SHARES;
/** Longest time hashing may hold the event loop, microseconds; scrypt takes about a millisecond a share. */
const HASHING_SLICE_US = 10_000;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 2000;
/** How long `stop` goes on trying to append what is pending. */
const STOP_PATIENCE_MS = 10_000;

/** 'unknown': as 'unavailable', but the shares may stand in the log all the same. */
type Outcome = 'logged' | 'unavailable' | 'unknown';

/** An append that failed so was refused before anything was written. */
const NOTHING_HAPPENED: ReadonlySet<LogErrorCode> = new Set<LogErrorCode>([
  'full',
  'too_large',
  'unknown_topic',
  'closed',
]);
/** Verdicts that come after the duplicate check, which therefore remembers the share. */
const REMEMBERED = Uint8Array.from(REJECT_REASONS, (reason) =>
  ['', 'ntime_out_of_range', 'version_bits', 'low_difficulty'].includes(reason) ? 1 : 0,
);

export class SharePipeline {
  readonly #settings: SharePipelineSettings;
  readonly #log: ShareLog;
  readonly #prover: Prover;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tallies: GatewayTallies;
  readonly #tracer: Tracer;
  readonly #hashes = new Uint8Array(BATCH_SHARES * HASH_BYTES);
  /** Batches that are full and wait for their turn. */
  readonly #waiting: ShareBatch[] = [];
  readonly #spare: ShareBatch[] = [];
  #open: ShareBatch;
  /** The batch that is being proved, logged and answered. */
  #flushing: ShareBatch | undefined;
  #provesSoon = false;
  /** Shares of the batch before. */
  #lastShares = 0;
  /** The open batch has lingered long enough, or has shares enough: it waits for the one before it only. */
  #openIsDue = false;
  #timer: NodeJS.Timeout | undefined;
  /** Undefined while the log is away and was not asked before. */
  #partitions: number | undefined = undefined;
  #blocks = 0;
  /** Shares a hashing slice takes, found out while hashing. */
  #sliceShares = 8;
  #stopAtUs = Infinity;
  #onDrained: (() => void) | undefined;
  #logAway: string | undefined;
  #wake: (() => void) | undefined;

  constructor(
    settings: SharePipelineSettings,
    log: ShareLog,
    prover: Prover,
    clock: Clock,
    logger: Logger,
    tallies: GatewayTallies,
    tracer: Tracer = noTracer,
  ) {
    this.#settings = settings;
    this.#tracer = tracer;
    this.#log = log;
    this.#prover = prover;
    this.#clock = clock;
    this.#logger = logger;
    this.#tallies = tallies;
    this.#open = new ShareBatch(settings);
  }

  async start(): Promise<void> {
    this.#partitions = await this.#log.partitions(TOPIC.sharesSubmitted);
    // Not all gateways begin with the same partition.
    this.#blocks = this.#clock.nowUs();
  }

  /** Takes a share. Not to be called at the bound. */
  addShare(
    connection: Connection,
    line: SubmitLine,
    wellFormed: boolean,
    share: CanonicalShare,
    checked: CheckedSubmit<WorkerRecord>,
    nowUs: number,
  ): void {
    this.#open.addShare(connection, line, wellFormed, share, checked, nowUs);
    connection.waitingItems++;
    this.#tallies.pendingShares++;
    if (checked.published?.wanted !== undefined && isToBeHashed(checked)) this.#proveSoon();
    this.#added();
  }

  /** Takes a reply that must come after those of the shares before it. */
  addReply(connection: Connection, reply: Uint8Array): void {
    this.#open.addReply(connection, reply);
    connection.waitingItems++;
    connection.waitingReplies++;
    this.#tallies.pendingReplies++;
    this.#added();
  }

  get atBound(): boolean {
    const { pendingShares, pendingReplies } = this.#tallies;
    return pendingShares + pendingReplies >= this.#settings.maxPendingShares || this.#log.full === true;
  }

  /** Why the log does not take shares now; undefined as long as it does. */
  get logAway(): string | undefined {
    return this.#logAway;
  }

  /** Appends and answers everything taken so far; for at most STOP_PATIENCE_MS while the log is away. */
  async stop(): Promise<void> {
    this.#stopAtUs = this.#clock.nowUs() + STOP_PATIENCE_MS * 1000;
    this.#wake?.();
    if (this.#flushing === undefined && this.#open.items === 0) return;
    const drained = new Promise<void>((resolve) => (this.#onDrained = resolve));
    this.#flushNow();
    await drained;
  }

  #added(): void {
    const open = this.#open;
    if (open.full || open.items >= BATCH_ITEMS) {
      this.#waiting.push(this.#takeOpen());
      this.#flushNow();
    } else if (open.items >= this.#settings.flushShares) this.#flushOpen();
    else if (open.items === 1) this.#linger();
  }

  /**
   * Waits for more shares where they come in crowds; lone ones wait only for what this turn of the event loop brings. Also while a batch is
   * being appended, so that no share waits for an append and then lingers as well.
   */
  #linger(): void {
    if (this.#lastShares <= QUIET_SHARES) setImmediate(() => this.#flushOpen());
    else if (this.#timer === undefined) this.#timer = setTimeout(() => this.#flushOpen(), this.#settings.lingerMs);
    else this.#timer.refresh();
  }

  #flushOpen(): void {
    this.#openIsDue = this.#open.items > 0;
    this.#flushNow();
  }

  /** The open batch; another is open from now on. */
  #takeOpen(): ShareBatch {
    const batch = this.#open;
    this.#open = this.#spare.pop() ?? new ShareBatch(this.#settings);
    this.#openIsDue = false;
    return batch;
  }

  #flushNow(): void {
    if (this.#flushing !== undefined) return;
    let batch = this.#waiting.shift();
    if (batch === undefined) {
      if (this.#open.items === 0) return;
      batch = this.#takeOpen();
    }
    this.#flushing = batch;
    void this.#flush(batch).then(() => this.#flushed(batch));
  }

  #flushed(batch: ShareBatch): void {
    this.#flushing = undefined;
    this.#lastShares = batch.shares;
    batch.reset();
    if (this.#spare.length < 4) this.#spare.push(batch);
    if (this.#waiting.length > 0 || this.#openIsDue || (this.#onDrained !== undefined && this.#open.items > 0))
      this.#flushNow();
    else if (this.#open.items === 0) this.#onDrained?.();
  }

  async #flush(batch: ShareBatch): Promise<void> {
    let outcome: Outcome = 'logged';
    if (batch.shares > 0) {
      const span = this.#tracer.sample('gateway block', batch.submittedAtUs[0]);
      span?.set({ shares: batch.shares, gateway: this.#settings.gatewayName });
      span?.child('linger', batch.submittedAtUs[0]).end();
      await inSpan(span?.child('prove'), () => this.#prove(batch));
      const value = encodeSubmitted(batch.block(this.#settings.gatewayName));
      outcome = await inSpan(span?.child('append'), () => this.#append(value, batch.shares, span?.parent));
      span?.end(outcome === 'logged' ? undefined : outcome);
    }
    this.#answer(batch, outcome);
  }

  /** Hashes what is not hashed yet, in slices that leave the event loop room to breathe. */
  async #prove(batch: ShareBatch): Promise<void> {
    for (let first = true; batch.proved < batch.proofs; first = false) {
      if (!first) await new Promise<void>((resolve) => setImmediate(resolve));
      this.#proveSlice(batch);
    }
  }

  /** Proves what came in this turn of the event loop at its end, also what waits behind an append. */
  #proveSoon(): void {
    if (this.#provesSoon) return;
    this.#provesSoon = true;
    setImmediate(() => {
      this.#provesSoon = false;
      const unproved = [this.#flushing, ...this.#waiting, this.#open].filter(
        (batch): batch is ShareBatch => batch !== undefined && batch.proved < batch.proofs,
      );
      if (unproved.length === 0) return;
      this.#proveSlice(unproved[0]!);
      this.#proveSoon();
    });
  }

  #proveSlice(batch: ShareBatch): void {
    const from = batch.proved;
    const to = Math.min(batch.proofs, from + this.#sliceShares);
    if (to === from) return;
    const beganUs = this.#clock.nowUs();
    this.#prover.hash(batch.proofBatch(from, to), this.#hashes);
    const tookUs = this.#clock.nowUs() - beganUs;
    this.#tallies.hashed(to - from, tookUs);
    batch.proved = to;
    for (let proof = from; proof < to; proof++) batch.judgeProof(proof, this.#hashes, (proof - from) * HASH_BYTES);
    this.#adaptSlice(to - from, tookUs);
  }

  /** Follows the time a share takes: grows at most twofold at a time, shrinks at once. */
  #adaptSlice(shares: number, tookUs: number): void {
    const fitting = Math.floor((shares * HASHING_SLICE_US) / Math.max(1, tookUs));
    this.#sliceShares = Math.max(1, Math.min(BATCH_SHARES, this.#sliceShares * 2, fitting));
  }

  async #nextPartition(): Promise<number | undefined> {
    this.#partitions ??= await this.#log.partitions(TOPIC.sharesSubmitted);
    return this.#partitions === undefined ? undefined : this.#blocks++ % this.#partitions;
  }

  /** Tries until the block is durable. Gives up when trying again cannot help, or when stopping takes too long. */
  async #append(value: Uint8Array, shares: number, parent: TraceParent | undefined): Promise<Outcome> {
    const record: LogRecord = parent === undefined ? { value } : { value, headers: traceHeader(parent) };
    let partition: number | undefined;
    let outcome: Outcome = 'unavailable';
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)) {
      try {
        partition ??= await this.#nextPartition();
        const beganUs = this.#clock.nowUs();
        await this.#log.append(TOPIC.sharesSubmitted, [record], partition);
        this.#tallies.blockAppended(shares, value.length, this.#clock.nowUs() - beganUs);
        this.#logAway = undefined;
        return 'logged';
      } catch (error) {
        const retriable = isRetriable(error);
        this.#tallies.failedAppends++;
        this.#logAway = messageOf(error);
        this.#logger.error({ err: error, shares, retriable }, 'shares could not be appended to the log');
        if (!(error instanceof LogError && NOTHING_HAPPENED.has(error.code))) outcome = 'unknown';
        if (!retriable || this.#clock.nowUs() + retryMs * 1000 > this.#stopAtUs) return outcome;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, retryMs);
          // Stopping does not wait for a long pause to end.
          this.#wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        this.#wake = undefined;
      }
    }
  }

  /** Writes every connection its answers in order, in one write. */
  #answer(batch: ShareBatch, outcome: Outcome): void {
    const nowUs = this.#clock.nowUs();
    const { items } = batch;
    const touched: Connection[] = [];
    let total = 0;
    for (let item = 0; item < items; item++) {
      const connection = batch.connections[item]!;
      const share = batch.shareOfItem(item);
      const length =
        share < 0
          ? batch.replyOfItem(item).length
          : REPLY_HEAD.length + batch.idLength(share) + tailOf(batch.rejectCode[share]!, outcome).length;
      if (connection.answerLength === 0) touched.push(connection);
      connection.answerLength += length;
      total += length;
    }
    const out = Buffer.allocUnsafeSlow(total);
    let start = 0;
    for (const connection of touched) {
      connection.answerEnd = start;
      start += connection.answerLength;
    }
    for (let item = 0; item < items; item++) {
      const connection = batch.connections[item]!;
      const share = batch.shareOfItem(item);
      connection.waitingItems--;
      if (share < 0) {
        const reply = batch.replyOfItem(item);
        out.set(reply, connection.answerEnd);
        connection.answerEnd += reply.length;
        connection.waitingReplies--;
        this.#tallies.pendingReplies--;
        continue;
      }
      const code = batch.rejectCode[share]!;
      let to = copy(REPLY_HEAD, out, connection.answerEnd);
      to = batch.copyId(share, out, to);
      connection.answerEnd = copy(tailOf(code, outcome), out, to);
      this.#tallies.pendingShares--;
      if (outcome === 'logged') this.#tallies.shareAnswered(code, nowUs - batch.submittedAtUs[share]!);
      else this.#tallies.unavailable++;
      // Nobody has it, so the miner may send it again; one that may be in the log must not get there twice.
      if (outcome === 'unavailable' && REMEMBERED[code] === 1) batch.forget(share, connection);
    }
    for (const connection of touched) {
      connection.write(out.subarray(connection.answerEnd - connection.answerLength, connection.answerEnd));
      connection.answerLength = 0;
      connection.answered();
    }
    if (outcome === 'logged') {
      // After the answers, since a new difficulty has to come after what was judged by the old one.
      for (let item = 0; item < items; item++) {
        const share = batch.shareOfItem(item);
        if (share < 0) continue;
        const connection = batch.connections[item]!;
        connection.judged(batch.rejectCode[share]!, nowUs);
        if (batch.rejectCode[share] === 0) connection.onAccepted(batch.difficulty[share]!, batch.submittedAtUs[share]!);
      }
    }
  }
}

function tailOf(rejectCode: number, outcome: Outcome): Uint8Array {
  return outcome === 'logged' ? REPLY_TAILS[rejectCode]! : LOG_UNAVAILABLE_TAIL;
}

/** For a few bytes a loop is faster than a typed array's own copy. */
function copy(from: Uint8Array, to: Uint8Array, at: number): number {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]!;
  return at + from.length;
}
