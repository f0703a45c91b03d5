// Jobs of our own making, for pure tracking: a new one every `jobSeconds`, on demand, and a new previous block every
// `blockSeconds`, with clean jobs. Invariant: whoever listens always has a job younger than `jobSeconds`.
import type { Clock } from '@assay/kernel';
import { MICROS_PER_SECOND } from '@assay/kernel';
import { createLocalJobMaker, sealJob, type Algorithm, type LocalJobMaker } from '@assay/mining';
import type { JobSource, SourceListener } from './job-source.ts';

export interface LocalJobSourceSettings {
  readonly algorithm: Algorithm;
  /** Any integer; every start has its own, so that no two gateways give out the same work. */
  readonly seed: number;
  readonly branches: number;
  readonly nbits: number;
  readonly extranonceSize: number;
  readonly versionMask: number;
  readonly tag: string;
  readonly jobSeconds: number;
  /** 0 for never. */
  readonly blockSeconds: number;
}

export class LocalJobSource implements JobSource {
  readonly state = 'ok';
  readonly #maker: LocalJobMaker;
  readonly #settings: LocalJobSourceSettings;
  readonly #clock: Clock;
  #listener: SourceListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextBlockUs: number;

  constructor(settings: LocalJobSourceSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#maker = createLocalJobMaker(settings);
    this.#nextBlockUs = clock.nowUs() + settings.blockSeconds * MICROS_PER_SECOND;
  }

  start(listener: SourceListener): void {
    this.#listener = listener;
    this.#timer = setInterval(
      () => this.refresh(this.#settings.blockSeconds > 0 && this.#clock.nowUs() >= this.#nextBlockUs),
      this.#settings.jobSeconds * 1000,
    );
    this.refresh(true);
  }

  refresh(newBlock: boolean): void {
    if (this.#listener === undefined) return;
    const nowUs = this.#clock.nowUs();
    if (newBlock) this.#nextBlockUs = nowUs + this.#settings.blockSeconds * MICROS_PER_SECOND;
    this.#timer?.refresh();
    this.#listener.job({
      job: sealJob(this.#maker.next({ nowSeconds: Math.floor(nowUs / MICROS_PER_SECOND), newBlock })),
      cleanJobs: newBlock,
      versionMask: this.#settings.versionMask,
      wanted: undefined,
    });
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#listener = undefined;
    return Promise.resolve();
  }
}
