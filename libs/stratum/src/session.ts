// One connection's side of stratum, as a state machine: what was agreed in the handshake, which jobs were sent at which
// difficulty, and whether a submit may be hashed. No socket and no clock: bytes to send are returned, time is a parameter.
// Invariants: a share is judged by the difficulty its job was sent with, never by the present one; a difficulty is announced
// only together with the job it takes effect with, and is never above what the job's source wants shares of; an idle session holds
// no map, closure or buffer.
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
import { LAST_VARIANT, type JobBook, type PublishedJob } from './job-book.ts';
import { encodeSetVersionMask } from './message-encoder.ts';
import type { NamedWorker, SessionListener } from './session-listener.ts';
import type { SubmitLine } from './submit-line.ts';
import { WorkRun } from './work-run.ts';

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
  /** The bits that may be rolled on the job. */
  versionMask = 0;
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

/** What checkShare needs to know of a session, filled for each share. */
const view = { subscribed: false, authorized: false, extranonce2Bytes: 0, versionMask: 0 };

export class StratumSession<Worker extends NamedWorker> {
  readonly listener: SessionListener<Worker>;
  readonly extranonce1: Uint8Array;
  subscribed = false;
  extranonceSubscribed = false;
  /** As the miner calls itself, printable ASCII; '' when it did not say. */
  userAgent = '';
  /** The mask granted by mining.configure, 0 without version rolling; a job may allow less of it. */
  versionMask = 0;
  /** The last difficulty the miner suggested, 0 when it did not. */
  suggestedDifficulty = 0;
  readonly workers: SessionWorker<Worker>[] = [];
  #vardiffSettings: VardiffSettings;
  #vardiff: VardiffState | undefined = undefined;
  #jobs: JobBook;
  /** What was given of `#jobs`; undefined before the first job. */
  #run: WorkRun | undefined = undefined;
  /** What was given before that, of another book. */
  #runBefore: WorkRun | undefined = undefined;
  /** The mask last told: that of the present job. */
  #maskTold = 0;
  /** A difficulty that waits for the next job, since the present one has no variant left to send it with. */
  #waitingTier: DifficultyTier | undefined = undefined;
  #lastNtime = 0;
  #openJobs: SessionJob[] | undefined = undefined;

  constructor(listener: SessionListener<Worker>, extranonce1: Uint8Array) {
    this.listener = listener;
    this.extranonce1 = extranonce1;
    this.#jobs = listener.jobs;
    this.#vardiffSettings = listener.vardiff;
  }

  /** Subscribed and authorized: the miner can be given work. */
  get ready(): boolean {
    return this.subscribed && this.workers.length > 0;
  }

  /** Whether it has been given any. */
  get started(): boolean {
    return this.#run !== undefined;
  }

  /** Where its work comes from. */
  get jobs(): JobBook {
    return this.#jobs;
  }

  /** The present assigned difficulty; 0 before the first job. */
  get difficulty(): number {
    return this.#run?.pins.tier.difficulty ?? 0;
  }

  /** Holds the connection to a minimum difficulty of its own (mining.configure). Returns what has to be sent when the present one is below it. */
  raiseMinimumDifficulty(wish: number, nowUs: number): Uint8Array | undefined {
    const { maxDifficulty, minDifficulty } = this.listener.vardiff;
    const least = normalizeDifficulty(Math.min(maxDifficulty, Math.max(minDifficulty, wish)));
    this.#vardiffSettings = { ...this.listener.vardiff, minDifficulty: least };
    if (this.#vardiff === undefined || this.#vardiff.difficulty >= least) return undefined;
    return this.#follow({ ...this.#vardiff, difficulty: least }, nowUs);
  }

  /** Takes its work from these jobs from now on; shares of those before are still good. Returns what has to be sent. */
  follow(jobs: JobBook, nowUs: number): Uint8Array | undefined {
    if (jobs === this.#jobs) return undefined;
    this.#jobs = jobs;
    if (this.#run === undefined) return this.begin(nowUs);
    // Put back before the other source had any work.
    if (this.#run.jobs === jobs) return this.resend(nowUs);
    return jobs.current === undefined ? undefined : this.#change(jobs.current, nowUs);
  }

  /** The first job with all that must come before it. Undefined while not ready, while there is no job, or when it was sent already. */
  begin(nowUs: number): Uint8Array | undefined {
    const published = this.#jobs.current;
    if (!this.ready || this.started || published === undefined) return undefined;
    const difficulty = Math.min(published.maxDifficulty, this.#withinLimits(this.#startingWish()));
    // Vardiff rounds difficulties; one that was asked for is kept as it was asked for.
    this.#vardiff = { ...vardiffStart(difficulty, nowUs, this.#vardiffSettings), difficulty };
    const tier = this.listener.tiers.of(difficulty);
    this.#run = new WorkRun(this.#jobs, new DifficultyPins(tier, published.idOf(0)), published.idOf(0));
    this.#lastNtime = published.job.ntime;
    this.#maskTold = this.maskOf(published);
    const first = published.lineOf(0, published.job.ntime, true);
    // Here and nowhere else: one firmware drops the connection when the mask comes before authorize, another needs it before the job.
    return this.#maskTold === 0
      ? Buffer.concat([tier.line, first])
      : Buffer.concat([encodeSetVersionMask(this.#maskTold), tier.line, first]);
  }

  /** A new job of its book for everybody. The listener's shared line where nothing else has to be said; undefined when this session has nothing to be sent. */
  announce(published: PublishedJob, nowUs: number): Uint8Array | undefined {
    const run = this.#run;
    if (run === undefined) return this.begin(nowUs);
    if (run.jobs !== this.#jobs) return this.#change(published, nowUs);
    if (run.lastJobId >= published.idOf(0)) return undefined;
    this.#forgetOldJobs();
    run.lastJobId = published.idOf(0);
    this.#lastNtime = published.job.ntime;
    const tier = this.#tierFor(published, nowUs);
    const mask = this.maskOf(published);
    if (tier === run.pins.tier && mask === this.#maskTold) return published.line;
    return this.#termsAnd(tier, mask, published.lineOf(0, published.job.ntime, true));
  }

  /** The present job once more, as a sign of life: same id, so that miners go on where they are, with the present time. */
  resend(nowUs: number): Uint8Array | undefined {
    const published = this.#jobs.current;
    const run = this.#run;
    if (run === undefined || published === undefined) return undefined;
    if (run.jobs !== this.#jobs || run.lastJobId < published.idOf(0)) return this.announce(published, nowUs);
    return published.lineOf(run.lastJobId - published.idOf(0), this.#laterNtime(published, nowUs), false);
  }

  /** The bits this connection may roll on a job. */
  maskOf(published: PublishedJob | undefined): number {
    return published === undefined ? this.versionMask : (this.versionMask & published.versionMask) >>> 0;
  }

  /** mining.configure came once more. Returns what has to be sent when that changes what may be rolled on the present job. */
  onConfigured(): Uint8Array | undefined {
    if (this.#run === undefined) return undefined;
    const mask = this.maskOf(this.#jobs.current);
    if (mask === this.#maskTold) return undefined;
    this.#maskTold = mask;
    return encodeSetVersionMask(mask);
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
    out.tier = this.#run?.pins.tier;
    out.versionBits = share.versionBits;
    out.versionMask = this.versionMask;
    if (!wellFormed || !allowed) {
      out.reason = wellFormed ? 'rate_limited' : 'malformed';
      return;
    }
    const open = this.subscribed && out.worker !== undefined ? this.#openJob(share.jobId) : undefined;
    if (open !== undefined) {
      const { published } = open;
      out.published = published;
      out.tier = this.#runOf(share.jobId)!.pins.of(share.jobId);
      out.versionMask = this.maskOf(published);
      if (!share.hasVersionBits) out.versionBits = share.versionBits = (published.job.version & out.versionMask) >>> 0;
    }
    view.subscribed = this.subscribed;
    view.authorized = out.worker !== undefined;
    view.extranonce2Bytes = this.listener.extranonce2Bytes;
    view.versionMask = out.versionMask;
    out.reason = checkShare(share, view, open);
    // A job of ours that is no longer kept is late, not unheard of.
    if (out.reason === 'unknown_job' && this.#runSpanning(share.jobId) !== undefined) out.reason = 'stale';
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

  #follow(wanted: VardiffState, nowUs: number): Uint8Array | undefined {
    const most = this.#jobs.current?.maxDifficulty ?? Infinity;
    const next = wanted.difficulty > most ? { ...wanted, difficulty: most } : wanted;
    const changed = next.difficulty !== this.#vardiff!.difficulty;
    this.#vardiff = next;
    return changed ? this.#send(this.listener.tiers.of(next.difficulty), nowUs) : undefined;
  }

  /**
   * Sends a difficulty with the present job, as a new variant of it. With clean_jobs true, though earlier work is still good: some miners
   * take a difficulty at once but stay with their job until told to drop it, and would send shares for a job of another difficulty.
   */
  #send(tier: DifficultyTier, nowUs: number): Uint8Array | undefined {
    const published = this.#jobs.current;
    const run = this.#run!;
    if (published === undefined) {
      // Put to a source that has no work yet.
      this.#waitingTier = tier;
      return undefined;
    }
    const variant = run.lastJobId - published.idOf(0) + 1;
    if (run.jobs !== this.#jobs || variant <= 0) {
      // A newer job is on its way to everybody: this session gets it now, with its difficulty.
      this.#waitingTier = tier;
      return this.announce(published, nowUs);
    }
    if (variant > LAST_VARIANT) {
      this.#waitingTier = tier;
      return undefined;
    }
    run.lastJobId = published.idOf(variant);
    return this.#termsAnd(tier, this.#maskTold, published.lineOf(variant, this.#laterNtime(published, nowUs), true));
  }

  /** The job of another book than before, in a run of its own, or in that of the last time its work came from there. */
  #change(published: PublishedJob, nowUs: number): Uint8Array | undefined {
    const tier = this.#tierFor(published, nowUs);
    const { tier: tierBefore } = this.#run!.pins;
    const again = this.#runBefore?.jobs === this.#jobs ? this.#runBefore : undefined;
    // A job that was sent before comes as another variant of it: under its old id it has the difficulty it was sent with.
    const variant = again === undefined ? 0 : Math.max(0, again.lastJobId - published.idOf(0) + 1);
    this.#runBefore = this.#run;
    if (variant > LAST_VARIANT) {
      this.#run = again;
      this.#waitingTier = tier;
      return undefined;
    }
    const jobId = published.idOf(variant);
    this.#run = again ?? new WorkRun(this.#jobs, new DifficultyPins(tierBefore, jobId), jobId);
    this.#run.lastJobId = jobId;
    if (this.#run.pins.tier !== tierBefore) this.#run.pins.change(tierBefore, jobId, this.#jobs.oldestSequence * 256);
    this.#lastNtime = Math.max(
      published.job.ntime,
      published.ntimeAt(nowUs),
      again === undefined ? 0 : this.#lastNtime + 1,
    );
    return this.#termsAnd(tier, this.maskOf(published), published.lineOf(variant, this.#lastNtime, true));
  }

  /** The difficulty for a new job: the one that waits, or the present one, as far as the job's source wants every share of it. */
  #tierFor(published: PublishedJob, nowUs: number): DifficultyTier {
    const wished = this.#waitingTier ?? this.#run!.pins.tier;
    if (wished.difficulty <= published.maxDifficulty) return wished;
    const difficulty = published.maxDifficulty;
    // Shares of the new difficulty say nothing of how the old one fitted.
    this.#vardiff = { ...this.#vardiff!, difficulty, sinceUs: nowUs, quietSinceUs: nowUs, shares: 0 };
    return this.listener.tiers.of(difficulty);
  }

  /** A job's line with what has to come before it: from this job on `tier` and `mask` hold. */
  #termsAnd(tier: DifficultyTier, mask: number, line: Uint8Array): Uint8Array {
    const run = this.#run!;
    const lines = [line];
    this.#waitingTier = undefined;
    if (tier !== run.pins.tier) {
      run.pins.change(tier, run.lastJobId, this.#jobs.oldestSequence * 256);
      lines.unshift(tier.line);
    }
    if (mask !== this.#maskTold) {
      this.#maskTold = mask;
      lines.unshift(encodeSetVersionMask(mask));
    }
    return lines.length === 1 ? line : Buffer.concat(lines);
  }

  /** Strictly later than any sent before for this job, so that a miner that starts over does not find the same shares. */
  #laterNtime(published: PublishedJob, nowUs: number): number {
    this.#lastNtime = Math.max(published.ntimeAt(nowUs), this.#lastNtime + 1);
    return this.#lastNtime;
  }

  /** Among which jobs sent the id falls. */
  #runSpanning(jobId: number): WorkRun | undefined {
    if (this.#run?.spans(jobId) === true) return this.#run;
    return this.#runBefore?.spans(jobId) === true ? this.#runBefore : undefined;
  }

  /** The run whose book has the job. */
  #runOf(jobId: number): WorkRun | undefined {
    const sequence = Math.floor(jobId / 256);
    const [run, before] = [this.#run, this.#runBefore];
    if (run?.spans(jobId) === true && (before === undefined || run.jobs.find(sequence) !== undefined)) return run;
    return before?.spans(jobId) === true && before.jobs.find(sequence) !== undefined ? before : undefined;
  }

  #openJob(jobId: number): SessionJob | undefined {
    const run = this.#runOf(jobId);
    if (run === undefined) return undefined;
    const sequence = Math.floor(jobId / 256);
    const open = this.#openJobs;
    if (open !== undefined)
      for (let i = open.length - 1; i >= 0; i--) if (open[i]!.published.sequence === sequence) return open[i];
    const published = run.jobs.find(sequence);
    if (published === undefined) return undefined;
    const { extranonce2Bytes, duplicateCapacity, duplicateSeed } = this.listener;
    // The same work under two ids, as when a source gives it out again under other terms: a share of it counts once.
    const again = open?.find((one) => one.published.job.hash === published.job.hash);
    const duplicates = again?.duplicates ?? new DuplicateFilter(extranonce2Bytes, duplicateCapacity, duplicateSeed);
    const job = new SessionJob(published, duplicates);
    (this.#openJobs ??= []).push(job);
    return job;
  }

  #forgetOldJobs(): void {
    if (this.#openJobs === undefined) return;
    const [now, before] = [this.#jobs, this.#runBefore?.jobs];
    // What is stale is refused before its duplicates are looked at.
    this.#openJobs = this.#openJobs.filter(
      ({ published }) =>
        !published.stale &&
        (now.find(published.sequence) !== undefined || before?.find(published.sequence) !== undefined),
    );
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
