// One connection's side of stratum, as a state machine: what was agreed in the handshake, which jobs were sent at which
// difficulty, and whether a submit may be hashed. No socket and no clock: bytes to send are returned, time is a parameter.
// Invariants: a share is judged by the difficulty its job was sent with, never by the present one; a difficulty is announced
// only together with the job it takes effect with; an idle session holds no map, closure or buffer.
import {
  ALGORITHMS,
  DuplicateFilter,
  type OpenJob,
  type RejectReason,
  type VardiffSettings,
  type VardiffState,
  checkShare,
  normalizeDifficulty,
  vardiffOnShare,
  vardiffOnSuggestion,
  vardiffOnTick,
  vardiffStart,
} from '@assay/mining';
import { parseUsername } from '@assay/tenancy';
import type { CanonicalShare } from './canonical-share.ts';
import { DifficultyPins } from './difficulty-pins.ts';
import type { DifficultyTier } from './difficulty-tiers.ts';
import { LAST_VARIANT, type PublishedJob } from './job-book.ts';
import { encodeSetVersionMask } from './message-encoder.ts';
import type { NamedWorker, SessionListener } from './session-listener.ts';
import type { SubmitLine } from './submit-line.ts';

/** A worker authorized on a session. */
export interface SessionWorker<Worker> {
  /** The name as the miner spelled it. */
  readonly sent: string;
  readonly worker: Worker;
  /** The password's `d=`. */
  readonly passwordDifficulty: number | undefined;
  readonly lastKnownDifficulty: number | undefined;
}

/** What the checks found out about a submit. Reused for every submit of a listener. */
export class CheckedSubmit<Worker> {
  /** '' when the share may be hashed. */
  reason: RejectReason = 'malformed';
  worker: Worker | undefined = undefined;
  /** The job the share names, when it was sent on this connection and is still known. */
  published: PublishedJob | undefined = undefined;
  /** The difficulty the job was sent with; that of the session when there is no job. */
  tier: DifficultyTier | undefined = undefined;
  /** The rolled bits, those of the job itself when the miner did not send any. */
  versionBits = 0;
}

/** A job this session sent shares for. */
class SessionJob implements OpenJob {
  readonly published: PublishedJob;
  readonly duplicates: DuplicateFilter;

  constructor(published: PublishedJob, duplicates: DuplicateFilter) {
    this.published = published;
    this.duplicates = duplicates;
  }

  get ntime(): number {
    return this.published.job.ntime;
  }

  get stale(): boolean {
    return this.published.stale;
  }
}

const MICROS = 1_000_000;
const NO_JOB = -1;

/** What checkShare needs to know of a session, filled for each share. */
const view = { subscribed: false, authorized: false, extranonce2Bytes: 0, versionMask: 0 };

export class StratumSession<Worker extends NamedWorker> {
  readonly listener: SessionListener<Worker>;
  readonly extranonce1: Uint8Array;
  subscribed = false;
  extranonceSubscribed = false;
  /** As the miner calls itself, printable ASCII; '' when it did not say. */
  userAgent = '';
  /** The mask granted by mining.configure, 0 without version rolling. */
  versionMask = 0;
  /** The last difficulty the miner suggested, 0 when it did not. */
  suggestedDifficulty = 0;
  readonly workers: SessionWorker<Worker>[] = [];
  #vardiffSettings: VardiffSettings;
  #vardiff: VardiffState | undefined = undefined;
  /** Undefined before the first job. */
  #pins: DifficultyPins | undefined = undefined;
  /** A difficulty that waits for the next job, since the present one has no variant left to send it with. */
  #waitingTier: DifficultyTier | undefined = undefined;
  #firstJobId = NO_JOB;
  #lastJobId = NO_JOB;
  #lastNtime = 0;
  #openJobs: SessionJob[] | undefined = undefined;

  constructor(listener: SessionListener<Worker>, extranonce1: Uint8Array) {
    this.listener = listener;
    this.extranonce1 = extranonce1;
    this.#vardiffSettings = listener.vardiff;
  }

  /** Subscribed and authorized: the miner can be given work. */
  get ready(): boolean {
    return this.subscribed && this.workers.length > 0;
  }

  /** Whether it has been given any. */
  get started(): boolean {
    return this.#lastJobId !== NO_JOB;
  }

  /** The present assigned difficulty; 0 before the first job. */
  get difficulty(): number {
    return this.#pins?.tier.difficulty ?? 0;
  }

  /** Holds the connection to a minimum difficulty of its own (mining.configure). Returns what has to be sent when the present one is below it. */
  raiseMinimumDifficulty(wish: number, nowUs: number): Uint8Array | undefined {
    const { maxDifficulty, minDifficulty } = this.listener.vardiff;
    const least = normalizeDifficulty(Math.min(maxDifficulty, Math.max(minDifficulty, wish)));
    this.#vardiffSettings = { ...this.listener.vardiff, minDifficulty: least };
    if (this.#vardiff === undefined || this.#vardiff.difficulty >= least) return undefined;
    return this.#follow({ ...this.#vardiff, difficulty: least }, nowUs);
  }

  /** The first job with all that must come before it. Undefined while not ready, while there is no job, or when it was sent already. */
  begin(nowUs: number): Uint8Array | undefined {
    const published = this.listener.jobs.current;
    if (!this.ready || this.started || published === undefined) return undefined;
    const difficulty = this.#withinLimits(this.#startingWish());
    // Vardiff rounds difficulties; one that was asked for is kept as it was asked for.
    this.#vardiff = { ...vardiffStart(difficulty, nowUs, this.#vardiffSettings), difficulty };
    const tier = this.listener.tiers.of(difficulty);
    this.#firstJobId = this.#lastJobId = published.idOf(0);
    this.#pins = new DifficultyPins(tier, this.#firstJobId);
    this.#lastNtime = published.job.ntime;
    const first = published.lineOf(0, published.job.ntime, true);
    // Here and nowhere else: one firmware drops the connection when the mask comes before authorize, another needs it before the job.
    return this.versionMask === 0
      ? Buffer.concat([tier.line, first])
      : Buffer.concat([encodeSetVersionMask(this.versionMask), tier.line, first]);
  }

  /** A new job for everybody. The listener's shared line where nothing else has to be said; undefined when this session has nothing to be sent. */
  announce(published: PublishedJob, nowUs: number): Uint8Array | undefined {
    if (!this.started) return this.begin(nowUs);
    if (this.#lastJobId >= published.idOf(0)) return undefined;
    this.#forgetOldJobs();
    this.#lastJobId = published.idOf(0);
    this.#lastNtime = published.job.ntime;
    if (this.#waitingTier === undefined) return published.line;
    const tier = this.#waitingTier;
    this.#pin(tier, this.#lastJobId);
    return Buffer.concat([tier.line, published.lineOf(0, published.job.ntime, true)]);
  }

  /** The present job once more, as a sign of life: same id, so that miners go on where they are, with the present time. */
  resend(nowUs: number): Uint8Array | undefined {
    const published = this.listener.jobs.current;
    if (!this.started || published === undefined) return undefined;
    if (this.#lastJobId < published.idOf(0)) return this.announce(published, nowUs);
    return published.lineOf(this.#lastJobId - published.idOf(0), this.#laterNtime(nowUs), false);
  }

  /** An accepted share. Returns what has to be sent when that changes the difficulty. */
  onAccepted(shareDifficulty: number, nowUs: number): Uint8Array | undefined {
    return this.#vardiff === undefined
      ? undefined
      : this.#follow(vardiffOnShare(this.#vardiff, shareDifficulty, nowUs, this.#vardiffSettings), nowUs);
  }

  /** Time passed. Returns what has to be sent when silence lowers the difficulty. */
  onTick(nowUs: number): Uint8Array | undefined {
    return this.#vardiff === undefined
      ? undefined
      : this.#follow(vardiffOnTick(this.#vardiff, nowUs, this.#vardiffSettings), nowUs);
  }

  /** The miner wishes another difficulty. Tiny miners repeat theirs as a keepalive: only another wish than the last is acted on. */
  suggest(wish: number, nowUs: number): Uint8Array | undefined {
    if (wish === this.suggestedDifficulty) return undefined;
    this.suggestedDifficulty = wish;
    if (this.#vardiff === undefined) return undefined;
    const next = vardiffOnSuggestion(this.#vardiff, wish, nowUs, this.#vardiffSettings);
    return this.#follow(next === this.#vardiff ? next : { ...next, difficulty: this.#withinLimits(wish) }, nowUs);
  }

  /**
   * Checks a submit up to the hash, in the order of REJECT_REASONS.
   * @param wellFormed whether `share` could be read from `line` (CanonicalShare.read); when not, only the worker's name is looked at
   * @param allowed whether the connection may submit as fast as it does; when not, the share is not looked at any further either
   */
  check(
    line: SubmitLine,
    share: CanonicalShare,
    wellFormed: boolean,
    allowed: boolean,
    out: CheckedSubmit<Worker>,
  ): void {
    out.worker = this.#workerNamed(line.bytes, line.workerStart, line.workerEnd);
    out.published = undefined;
    out.tier = this.#pins?.tier;
    out.versionBits = share.versionBits;
    if (!wellFormed || !allowed) {
      out.reason = wellFormed ? 'rate_limited' : 'malformed';
      return;
    }
    const open = this.subscribed && out.worker !== undefined ? this.#openJob(share.jobId) : undefined;
    if (open !== undefined) {
      out.published = open.published;
      out.tier = this.#pins!.of(share.jobId);
      if (!share.hasVersionBits)
        out.versionBits = share.versionBits = (open.published.job.version & this.versionMask) >>> 0;
    }
    view.subscribed = this.subscribed;
    view.authorized = out.worker !== undefined;
    view.extranonce2Bytes = this.listener.extranonce2Bytes;
    view.versionMask = this.versionMask;
    out.reason = checkShare(share, view, open);
    // A job of ours that is no longer kept is late, not unheard of.
    if (out.reason === 'unknown_job' && this.#wasSent(share.jobId)) out.reason = 'stale';
  }

  /** A share that passed the duplicate check but came to nothing: the miner may send it again. */
  forget(jobId: number, extranonce2: Uint8Array, ntime: number, nonce: number, versionBits: number): void {
    const sequence = Math.floor(jobId / 256);
    const open = this.#openJobs?.find(({ published }) => published.sequence === sequence);
    open?.duplicates.forget(extranonce2, ntime, nonce, versionBits);
  }

  /** What was asked for goes before what is known, that before what can be guessed. */
  #startingWish(): number {
    const { worker, passwordDifficulty, lastKnownDifficulty } = this.workers[0]!;
    const { algorithm, startDifficulty, startDifficultyRolling, vardiff } = this.listener;
    const wish = passwordDifficulty ?? (this.suggestedDifficulty > 0 ? this.suggestedDifficulty : lastKnownDifficulty);
    if (wish !== undefined) return wish;
    if (worker.expectedHashRateHs !== undefined) {
      return (worker.expectedHashRateHs * (60 / vardiff.sharesPerMinute)) / ALGORITHMS[algorithm].hashesPerDifficulty;
    }
    return this.versionMask === 0 ? startDifficulty : startDifficultyRolling;
  }

  #follow(next: VardiffState, nowUs: number): Uint8Array | undefined {
    const changed = next.difficulty !== this.#vardiff!.difficulty;
    this.#vardiff = next;
    return changed ? this.#send(this.listener.tiers.of(next.difficulty), nowUs) : undefined;
  }

  /**
   * Sends a difficulty with the present job, as a new variant of it. With clean_jobs true, though earlier work is still good: some miners
   * take a difficulty at once but stay with their job until told to drop it, and would send shares for a job of another difficulty.
   */
  #send(tier: DifficultyTier, nowUs: number): Uint8Array | undefined {
    const published = this.listener.jobs.current!;
    const variant = this.#lastJobId - published.idOf(0) + 1;
    if (variant > LAST_VARIANT) {
      this.#waitingTier = tier;
      return undefined;
    }
    if (variant <= 0) {
      // A newer job is on its way to everybody: this session gets it now, with its difficulty.
      this.#waitingTier = tier;
      return this.announce(published, nowUs);
    }
    this.#lastJobId = published.idOf(variant);
    this.#pin(tier, this.#lastJobId);
    return Buffer.concat([tier.line, published.lineOf(variant, this.#laterNtime(nowUs), true)]);
  }

  #pin(tier: DifficultyTier, since: number): void {
    this.#pins!.change(tier, since, this.listener.jobs.oldestSequence * 256);
    this.#waitingTier = undefined;
  }

  /** Strictly later than any sent before for this job, so that a miner that starts over does not find the same shares. */
  #laterNtime(nowUs: number): number {
    this.#lastNtime = Math.max(Math.floor(nowUs / MICROS), this.#lastNtime + 1);
    return this.#lastNtime;
  }

  #wasSent(jobId: number): boolean {
    return this.started && jobId >= this.#firstJobId && jobId <= this.#lastJobId;
  }

  #openJob(jobId: number): SessionJob | undefined {
    if (!this.#wasSent(jobId)) return undefined;
    const sequence = Math.floor(jobId / 256);
    const open = this.#openJobs;
    if (open !== undefined)
      for (let i = open.length - 1; i >= 0; i--) if (open[i]!.published.sequence === sequence) return open[i];
    const published = this.listener.jobs.find(sequence);
    if (published === undefined) return undefined;
    const { extranonce2Bytes, duplicateCapacity, duplicateSeed } = this.listener;
    const job = new SessionJob(published, new DuplicateFilter(extranonce2Bytes, duplicateCapacity, duplicateSeed));
    (this.#openJobs ??= []).push(job);
    return job;
  }

  #forgetOldJobs(): void {
    if (this.#openJobs === undefined) return;
    const oldest = this.listener.jobs.oldestSequence;
    // What is stale is refused before its duplicates are looked at.
    this.#openJobs = this.#openJobs.filter(({ published }) => published.sequence >= oldest && !published.stale);
    if (this.#openJobs.length === 0) this.#openJobs = undefined;
  }

  #withinLimits(difficulty: number): number {
    const { minDifficulty, maxDifficulty } = this.#vardiffSettings;
    return normalizeDifficulty(Math.min(maxDifficulty, Math.max(minDifficulty, difficulty)));
  }

  #workerNamed(bytes: Uint8Array, start: number, end: number): Worker | undefined {
    const workers = this.workers;
    for (let i = 0; i < workers.length; i++) if (isText(bytes, start, end, workers[i]!.sent)) return workers[i]!.worker;
    if (workers.length === 0) return undefined;
    // Spelled otherwise than at authorize, say percent-encoded there and plain here.
    const name = parseUsername(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
    return name === undefined ? undefined : workers.find(({ worker }) => worker.name.worker === name.worker)?.worker;
  }
}

/** Whether the bytes are exactly this text; only for ASCII text, other names never pass parseUsername unescaped. */
function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
