// The workers authorized at present, one record per username however many connections it has, and who may be one.
// Invariant: a record exists exactly while a connection holds it, and its tenant's limit while there is such a record.
import type { Authorization, NamedWorker } from '@assay/stratum';
import { parsePasswordOptions, parseUsername, type PasswordOptions, type WorkerName } from '@assay/tenancy';
import { SecretVerifier, type SecretGiver, type SlowCheck } from '../defence/secret-verifier.ts';
import { TokenBucket } from './token-bucket.ts';
import type { KnownWorkers } from './known-workers.ts';
import type { KnownWorker } from './worker-file.ts';

/** What all workers of a tenant may submit together. */
interface TenantLimit {
  readonly submits: TokenBucket;
  /** Its own; undefined for everybody's. */
  submitsPerSecond: number | undefined;
  workers: number;
}

export class WorkerRecord implements NamedWorker {
  readonly name: WorkerName;
  expectedHashRateHs: number | undefined;
  reportingIntervalSeconds: number | undefined;
  /** What was known of it when it logged in last. */
  known: KnownWorker | undefined = undefined;
  /** Connections on which it is authorized. */
  connections = 0;
  /** Both from `hold` on. */
  submits: TokenBucket | undefined = undefined;
  tenant: TenantLimit | undefined = undefined;
  /** The share batch this record has a place in, and the place: saves a lookup per share. */
  batchSerial = 0;
  batchCode = 0;

  constructor(name: WorkerName) {
    this.name = name;
  }
}

export type LastDifficulty = (worker: string) => number | undefined;

export interface SubmitLimits {
  readonly submitsPerSecondPerWorker: number;
  readonly submitsPerSecondPerTenant: number;
}

const BURST_SECONDS = 4;

export class WorkerRegistry {
  readonly #known: KnownWorkers;
  readonly #lastDifficulty: LastDifficulty;
  readonly #limits: SubmitLimits;
  readonly #workerBurst: number;
  readonly #records = new Map<string, WorkerRecord>();
  readonly #tenants = new Map<string, TenantLimit>();
  readonly #secrets = new SecretVerifier();

  constructor(known: KnownWorkers, lastDifficulty: LastDifficulty, limits: SubmitLimits) {
    this.#known = known;
    this.#lastDifficulty = lastDifficulty;
    this.#limits = limits;
    this.#workerBurst = burst(limits.submitsPerSecondPerWorker);
  }

  /** Workers authorized now. */
  get size(): number {
    return this.#records.size;
  }

  /** What has to be awaited before a mining.authorize with these params can be answered; nothing for most. */
  verification([username, password]: readonly unknown[], giver: SecretGiver): Promise<SlowCheck> | undefined {
    if (typeof username !== 'string') return undefined;
    const secret = this.#known.get(parseUsername(username)?.worker ?? '')?.secret;
    if (secret === undefined || !this.#secrets.needsCheck(secret)) return undefined;
    const text = typeof password === 'string' || typeof password === 'number' ? String(password) : '';
    return this.#secrets.check(secret, parsePasswordOptions(text).secret, giver);
  }

  /** Whether this worker may mine, with its record, which the caller holds only after `hold`. */
  authorize(name: WorkerName, options: PasswordOptions): Authorization<WorkerRecord> {
    const known = this.#known.get(name.worker);
    if (known?.retired === true) return { allowed: false, message: 'This worker is retired' };
    if (known?.secret !== undefined && !this.#secrets.isRight(known.secret, options.secret))
      return { allowed: false, message: 'Wrong password', wrongSecret: true };
    const record = this.#records.get(name.worker) ?? new WorkerRecord(name);
    record.expectedHashRateHs = options.expectedHashRateHs ?? known?.expectedHashRateHs ?? record.expectedHashRateHs;
    record.reportingIntervalSeconds = options.reportingIntervalSeconds ?? record.reportingIntervalSeconds;
    record.known = known;
    return { allowed: true, worker: record, lastKnownDifficulty: this.#lastDifficulty(name.worker) };
  }

  hold(record: WorkerRecord, nowUs: number): void {
    if (record.connections++ > 0) return;
    this.#records.set(record.name.worker, record);
    const { tenant } = record.name;
    let limit = this.#tenants.get(tenant);
    if (limit === undefined) this.#tenants.set(tenant, (limit = this.#tenantLimit(tenant, nowUs)));
    limit.workers++;
    record.tenant = limit;
    record.submits ??= new TokenBucket(this.#workerBurst, nowUs);
  }

  release(record: WorkerRecord): void {
    if (--record.connections > 0) return;
    this.#records.delete(record.name.worker);
    if (record.tenant !== undefined && --record.tenant.workers === 0) this.#tenants.delete(record.name.tenant);
    record.tenant = undefined;
  }

  #tenantLimit(tenant: string, nowUs: number): TenantLimit {
    const own = this.#known.submitsPerSecond(tenant);
    const submits = new TokenBucket(burst(own ?? this.#limits.submitsPerSecondPerTenant), nowUs);
    return { submits, submitsPerSecond: own, workers: 0 };
  }

  /** Whether a worker that is connected would not be let in any more as it came: it has another secret now, or none is enough. */
  mustLogInAgain(worker: string): boolean {
    const record = this.#records.get(worker);
    if (record === undefined) return false;
    const known = this.#known.get(worker);
    record.expectedHashRateHs = known?.expectedHashRateHs ?? record.expectedHashRateHs;
    return known?.retired === true || (known?.secret !== undefined && known.secret !== record.known?.secret);
  }

  /** Something about a tenant has changed. */
  tenantChanged(tenant: string): void {
    const limit = this.#tenants.get(tenant);
    if (limit !== undefined) limit.submitsPerSecond = this.#known.submitsPerSecond(tenant);
  }

  /** Takes one submit from what the worker and its tenant may send. */
  takeSubmit(record: WorkerRecord, nowUs: number): boolean {
    const { submitsPerSecondPerWorker, submitsPerSecondPerTenant } = this.#limits;
    if (record.submits?.take(nowUs, submitsPerSecondPerWorker, this.#workerBurst) === false) return false;
    const { tenant } = record;
    if (tenant === undefined) return true;
    const perTenant = tenant.submitsPerSecond ?? submitsPerSecondPerTenant;
    return tenant.submits.take(nowUs, perTenant, burst(perTenant));
  }
}

function burst(perSecond: number): number {
  return Math.max(1, perSecond * BURST_SECONDS);
}
