// A job source that a test plays by hand: it delivers what the test says, when the test says it, and keeps what it is given.
import { createLocalJobMaker, sealJob, type Algorithm } from '@assay/mining';
import type { FoundShare, JobSource, SourceListener, WantedShares } from '../jobs/job-source.ts';

export class ScriptedSource implements JobSource {
  state = 'ok';
  stopped = false;
  readonly found: FoundShare[] = [];
  #listener: SourceListener | undefined;
  readonly #maker;

  constructor(seed = 1, algorithm: Algorithm = 'sha256d', extranonceSize = 8, nbits = 0x17021a91) {
    this.#maker = createLocalJobMaker({
      algorithm,
      seed,
      branches: 2,
      nbits,
      extranonceSize,
      tag: `/scripted ${seed}/`,
    });
  }

  start(listener: SourceListener): void {
    this.#listener = listener;
  }

  /** @param difficulty shares of at least this difficulty are wanted, by the target given */
  give(cleanJobs = false, wanted?: Pick<WantedShares, 'difficulty' | 'target'>): void {
    const job = sealJob(this.#maker.next({ nowSeconds: Math.floor(Date.now() / 1000), newBlock: cleanJobs }));
    const take = (share: FoundShare): void => void this.found.push({ ...share, hash: Uint8Array.from(share.hash) });
    this.#listener!.job({
      job,
      cleanJobs,
      versionMask: 0x1fffe000,
      wanted: wanted === undefined ? undefined : { ...wanted, take },
    });
  }

  lose(reason: string): void {
    this.#listener!.away(reason);
  }

  refresh(newBlock: boolean): void {
    this.give(newBlock);
  }

  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }
}
