// A session with a listener for tests: a job book with jobs of the local maker, an authority that takes everybody.
import { VARDIFF_DEFAULTS, createLocalJobMaker, sealJob, type Job, type LocalJobMaker } from '@assay/mining';
import type { WorkerName } from '@assay/tenancy';
import { DifficultyTiers } from '../difficulty-tiers.ts';
import { JobBook, JobSequence } from '../job-book.ts';
import type { NamedWorker, SessionListener } from '../session-listener.ts';
import { StratumSession } from '../session.ts';

export const START_US = 1_700_000_000_000_000;

export interface TestListener extends SessionListener<NamedWorker> {
  /** The next job of the local maker. */
  nextJob(nowUs: number, newBlock: boolean): Job;
}

export function testListener(changes: Partial<SessionListener<NamedWorker>> = {}): TestListener {
  const maker: LocalJobMaker = createLocalJobMaker({
    algorithm: 'sha256d',
    seed: 7,
    branches: 3,
    nbits: 0x17021a91,
    extranonceSize: 12,
    tag: '/test/',
  });
  const listener: TestListener = {
    algorithm: 'sha256d',
    extranonce2Bytes: 8,
    versionMask: 0x1fffe000,
    vardiff: VARDIFF_DEFAULTS,
    startDifficulty: 0.001,
    startDifficultyRolling: 512,
    maxWorkersPerConnection: 4,
    duplicateCapacity: 1000,
    duplicateSeed: 1,
    jobs: new JobBook(new JobSequence(1)),
    tiers: new DifficultyTiers('sha256d'),
    authorize: (name: WorkerName, { expectedHashRateHs }) => ({
      allowed: true,
      worker: { name, expectedHashRateHs },
      lastKnownDifficulty: undefined,
    }),
    nextJob: (nowUs, newBlock) => sealJob(maker.next({ nowSeconds: Math.floor(nowUs / 1e6), newBlock })),
    ...changes,
  };
  listener.jobs.add(listener.nextJob(START_US, true), true);
  return listener;
}

export function testSession(listener: SessionListener<NamedWorker> = testListener()): StratumSession<NamedWorker> {
  return new StratumSession(listener, Uint8Array.of(0xab, 0xcd, 0xef, 0x01));
}
