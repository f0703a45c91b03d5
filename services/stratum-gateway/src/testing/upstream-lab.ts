// An upstream pool source between simulated pools and a listener that only takes note: what it was given, and shares that are truly mined on it.
import { randomBytes } from 'node:crypto';
import { systemClock, type Random } from '@assay/kernel';
import { headerBytes, merkleRoot, meetsTarget, rolledVersion, sha256d, type Algorithm } from '@assay/mining';
import { silentLogger } from '@assay/platform';
import { createProver, type Prover } from '@assay/pow';
import type { UpstreamJob, UpstreamShare } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- simulated pools, in tests only
import { CountingPool, type CountingPoolOptions } from '@assay/sim';
import { parseUsername } from '@assay/tenancy';
import { expect } from 'vitest';
import type { FoundShare, SourcedJob } from '../jobs/job-source.ts';
import { poolSourceSchema, type UpstreamPoolSettings } from '../upstream/pool-settings.ts';
import { UpstreamPool } from '../upstream/upstream-pool.ts';
import { eventually } from './fixture.ts';

/** A few hundred hashes. */
export const EASY = 1e-7;

export interface Mining {
  readonly on?: SourcedJob;
  readonly worker?: string;
  readonly blockCandidate?: boolean;
  /** Rolled version bits. */
  readonly bits?: number;
}

export class UpstreamLab {
  readonly pools: CountingPool[] = [];
  readonly given: SourcedJob[] = [];
  readonly aways: string[] = [];
  readonly jobs: UpstreamJob[] = [];
  readonly shares: UpstreamShare[] = [];
  #source: UpstreamPool | undefined;
  readonly #provers = new Map<Algorithm, Prover>();

  get source(): UpstreamPool {
    return this.#source!;
  }

  get current(): SourcedJob {
    return this.given.at(-1)!;
  }

  async pool(options: CountingPoolOptions = {}): Promise<CountingPool> {
    const pool = new CountingPool({ difficulty: EASY, seed: this.pools.length + 1, ...options });
    await pool.start();
    this.pools.push(pool);
    return pool;
  }

  /** Begins to take work from all pools there are; with quick pauses, unless told otherwise. */
  begin(changes: Readonly<Record<string, unknown>> = {}, extranonceSize = 8): UpstreamPool {
    const endpoints = this.pools.map(({ port }) => ({ url: `stratum+tcp://127.0.0.1:${port}`, user: 'farm' }));
    const quick = { retrySeconds: 0.1, failBackSeconds: 0.3 };
    const settings: UpstreamPoolSettings = poolSourceSchema.parse({ type: 'pool', endpoints, ...quick, ...changes });
    this.#source = new UpstreamPool(settings, {
      name: 'up',
      gateway: 'g1',
      extranonceSize,
      versionMask: 0x1fffe000,
      clock: systemClock,
      logger: silentLogger,
    });
    this.#source.start({
      job: (next) => void this.given.push(next),
      away: (reason) => void this.aways.push(reason),
      record: (record) => void (record.type === 'job' ? this.jobs.push(record) : this.shares.push(record)),
    });
    return this.#source;
  }

  async job(count = 1): Promise<SourcedJob> {
    await eventually(() => this.given.length >= count, `job ${count}`);
    return this.current;
  }

  /** Any job that is still good: given since the last clean one, which stays good. */
  goodJob(random: Random): SourcedJob {
    const clean = this.given.findLastIndex(({ cleanJobs }) => cleanJobs);
    return this.given[clean + random.below(this.given.length - clean)]!;
  }

  /** Waits until work comes from a pool. */
  async worksWith(pool: CountingPool): Promise<void> {
    const name = `127.0.0.1:${pool.port}`;
    await eventually(() => this.source.active?.name === name && this.jobs.at(-1)?.endpoint === name, `work of ${name}`);
  }

  /** Mines a share and hands it over. Returns its block hash. */
  mine({ on = this.current, worker = 'acme.north.r1', blockCandidate = false, bits = 0 }: Mining = {}): string {
    const share = this.#find(on, worker, blockCandidate, bits);
    on.wanted!.take(share);
    return hashHex(share);
  }

  /** The record of each of these shares, once there is one. */
  async settled(...hashes: readonly string[]): Promise<UpstreamShare[]> {
    const of = (hash: string): UpstreamShare | undefined => this.shares.find((share) => share.hash === hash);
    await eventually(() => hashes.every((hash) => of(hash) !== undefined), 'records of shares');
    return hashes.map((hash) => of(hash)!);
  }

  async end(): Promise<void> {
    await this.#source?.stop();
    for (const pool of this.pools) await pool.stop();
    // Whatever a test did: nothing is on record twice.
    expect(new Set(this.shares.map(({ hash }) => hash)).size).toBe(this.shares.length);
  }

  #find({ job, wanted, versionMask }: SourcedJob, worker: string, blockCandidate: boolean, bits: number): FoundShare {
    const prover = this.#provers.get(job.algorithm) ?? createProver(job.algorithm);
    this.#provers.set(job.algorithm, prover);
    const [extranonce1, extranonce2] = [randomBytes(4), randomBytes(4)];
    const coinbase = Buffer.concat([job.coinbase1, extranonce1, extranonce2, job.coinbase2]);
    const root = merkleRoot(sha256d(coinbase), job.merkleBranches);
    const version = rolledVersion(job.version, versionMask, bits);
    const { prevHash, ntime, nbits } = job;
    const hash = new Uint8Array(32);
    for (let nonce = 0; ; nonce++) {
      prover.hashHeaders(headerBytes({ version, prevHash, merkleRoot: root, ntime, nbits, nonce }), hash);
      if (!meetsTarget(hash, 0, wanted!.target)) continue;
      const name = parseUsername(worker)!;
      const found = { job, worker: name, extranonce1, extranonce2, ntime, nonce, version, versionBits: bits, hash };
      return { ...found, blockCandidate, submittedAtUs: systemClock.nowUs() };
    }
  }
}

function hashHex({ hash }: FoundShare): string {
  return Buffer.from(hash).reverse().toString('hex');
}
