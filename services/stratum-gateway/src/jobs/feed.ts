// One job source and what is made of it: its jobs in a book, given out as they come, and what happens to its machines while it has none.
// Invariant: its book is all that sessions know of it, so a machine is put to another source by giving it another book.
import type { Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import type { Logger } from '@assay/platform';
import { jobProblem } from '@assay/pow';
import type { UpstreamRecord } from '@assay/share-block';
import { JobBook, type JobSequence, type PublishedJob } from '@assay/stratum';
import type { JobSource, SourcedJob, SourceListener } from './job-source.ts';

/** What becomes of machines when their source has no more work for them. */
export type OnLoss =
  /** After a while they are let go, so that they turn to the next pool of their own list, and are refused until there is work again. */
  | 'disconnect'
  /** They get jobs of our own at once, which are worth nothing: they stay, and go on being tracked. */
  | 'local'
  /** They stay with the job they have. */
  | 'hold';

export interface FeedSettings {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly onLoss: OnLoss;
  /** How long 'disconnect' waits for the source to come back. */
  readonly lossSeconds: number;
}

export interface FeedListener {
  /** A new job of the feed. */
  announce(feed: Feed, published: PublishedJob): void;
  /** Its machines are to be let go. */
  dismiss(feed: Feed): void;
  record(record: UpstreamRecord): void;
}

export class Feed implements SourceListener {
  readonly settings: FeedSettings;
  readonly book: JobBook;
  readonly #source: JobSource;
  readonly #makeFallback: () => JobSource;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #listener: FeedListener | undefined;
  #away: string | undefined;
  #closed = false;
  #losing: NodeJS.Timeout | undefined;
  #fallback: JobSource | undefined;

  /** @param makeFallback jobs of our own for 'local' */
  constructor(
    settings: FeedSettings,
    source: JobSource,
    sequence: JobSequence,
    makeFallback: () => JobSource,
    clock: Clock,
    logger: Logger,
  ) {
    this.settings = settings;
    this.book = new JobBook(sequence);
    this.#source = source;
    this.#makeFallback = makeFallback;
    this.#clock = clock;
    this.#logger = logger;
  }

  get name(): string {
    return this.settings.name;
  }

  /** For its metrics. */
  get source(): JobSource {
    return this.#source;
  }

  /** Whether machines are refused, since there is no work for them. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether there is work of its source, not only of our own. */
  get hasWork(): boolean {
    return this.#away === undefined && this.book.current !== undefined;
  }

  /** 'ok', or what is wrong. */
  get state(): string {
    if (this.#away !== undefined) return `no work: ${this.#away}`;
    return this.book.current === undefined ? 'no job yet' : this.#source.state;
  }

  start(listener: FeedListener): void {
    this.#listener = listener;
    this.#source.start(this);
  }

  refresh(newBlock: boolean): void {
    (this.#fallback ?? this.#source).refresh(newBlock);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#losing);
    await Promise.all([this.#source.stop(), this.#fallback?.stop()]);
    this.#listener = undefined;
  }

  job(next: SourcedJob): void {
    const wasAway = this.#away !== undefined;
    if (wasAway) this.#backAgain();
    this.#give(wasAway ? { ...next, cleanJobs: true } : next);
  }

  away(reason: string): void {
    if (this.#away !== undefined) return;
    this.#away = reason;
    const { name, onLoss, lossSeconds } = this.settings;
    this.#logger.error({ source: name, reason, onLoss }, 'a job source has no work');
    if (onLoss === 'local') {
      this.#fallback = this.#makeFallback();
      this.#fallback.start({
        job: (next) => this.#give(next),
        away: () => undefined,
        record: () => undefined,
      });
    } else if (onLoss === 'disconnect') {
      this.#losing = setTimeout(() => {
        this.#closed = true;
        this.#listener?.dismiss(this);
      }, lossSeconds * 1000);
    }
  }

  record(record: UpstreamRecord): void {
    this.#listener?.record(record);
  }

  #backAgain(): void {
    this.#logger.info({ source: this.name }, 'a job source has work again');
    this.#away = undefined;
    this.#closed = false;
    clearTimeout(this.#losing);
    void this.#fallback?.stop();
    this.#fallback = undefined;
  }

  #give({ job, cleanJobs, versionMask, wanted }: SourcedJob): void {
    const { name, algorithm } = this.settings;
    const problem = jobProblem(algorithm, job);
    if (problem !== undefined) {
      this.#logger.error({ err: problem, source: name }, 'a job of the source was left out');
      return;
    }
    this.#listener?.announce(this, this.book.add(job, cleanJobs, { versionMask, wanted }, this.#clock.nowUs()));
  }
}
