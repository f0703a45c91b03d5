import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sealJob } from '@assay/mining';
import type { SourcedJob } from './job-source.ts';
import { LocalJobSource, type LocalJobSourceSettings } from './local-job-source.ts';

const settings = {
  algorithm: 'sha256d',
  seed: 3,
  branches: 12,
  nbits: 0x17021a91,
  extranonceSize: 12,
  versionMask: 0x1fffe000,
  tag: '/t/',
  jobSeconds: 30,
  blockSeconds: 100,
} as const;

describe('LocalJobSource', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }));
  afterEach(() => void vi.useRealTimers());

  function started(changes: Partial<Omit<LocalJobSourceSettings, 'algorithm'>> = {}): {
    source: LocalJobSource;
    jobs: SourcedJob[];
  } {
    const source = new LocalJobSource({ ...settings, ...changes }, { nowUs: () => Date.now() * 1000 });
    const jobs: SourcedJob[] = [];
    source.start({ job: (next) => void jobs.push(next), away: () => undefined, record: () => undefined });
    return { source, jobs };
  }

  it('has a first job at once, and a new one every interval', () => {
    const { source, jobs } = started();
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ cleanJobs: true, job: { ntime: 1_700_000_000 } });
    expect(sealJob(jobs[0]!.job).hash).toBe(jobs[0]!.job.hash);
    vi.advanceTimersByTime(90_000);
    expect(jobs.map(({ job }) => job.ntime - 1_700_000_000)).toEqual([0, 30, 60, 90]);
    expect(new Set(jobs.map(({ job }) => job.hash)).size).toBe(4);
    void source.stop();
    vi.advanceTimersByTime(90_000);
    expect(jobs).toHaveLength(4);
  });

  it('has clean jobs only on a new block', () => {
    const { source, jobs } = started();
    vi.advanceTimersByTime(240_000);
    expect(jobs.map(({ cleanJobs }) => cleanJobs)).toEqual([
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
    ]);
    const blocks = new Set(jobs.map(({ job }) => Buffer.from(job.prevHash).toString('hex')));
    expect(blocks.size).toBe(3);
    void source.stop();
  });

  it('makes a job on demand, and the next only an interval after it', () => {
    const { source, jobs } = started({ blockSeconds: 0 });
    vi.advanceTimersByTime(20_000);
    source.refresh(false);
    source.refresh(true);
    expect(jobs.map(({ cleanJobs }) => cleanJobs)).toEqual([true, false, true]);
    vi.advanceTimersByTime(29_000);
    expect(jobs).toHaveLength(3);
    vi.advanceTimersByTime(1_000);
    expect(jobs).toHaveLength(4);
    void source.stop();
  });
});
