// A pool of several tenants, for tests of what each of them sees. Every figure and every text of a tenant is its own, so that wherever one of
// them turns up it can be told whose it is. The same tenants can be put into pools with different neighbours.
import type { AnalyticsStore } from '@assay/analytics';
import type { LiveState } from '@assay/live-state';
import { applyLive, insertMining, insertWorkers, NOW_MINUTE, NOW_US, type LiveSample } from './sample-farm.ts';

export interface TenantTraits {
  readonly workers: readonly string[];
  /** Accepted shares a minute of the first worker; each other has two more. Even. */
  readonly sharesPerMinute: number;
  readonly difficulty: number;
  readonly userAgent: string;
  readonly remoteAddress: string;
  readonly source: string;
}

export const ACME: TenantTraits = {
  workers: ['acme.north.r1.m1', 'acme.north.r1.m2', 'acme.south.r1.m3'],
  sharesPerMinute: 6,
  difficulty: 1024,
  userAgent: 'acme-miner/1.0',
  remoteAddress: '10.1.0.1',
  source: 'acme-pool',
};

/** Its names hold those of acme, and the other way round. */
export const ACME_TOO: TenantTraits = {
  workers: ['acme2.north.r1.m1', 'acme2.acme.r1.acme'],
  sharesPerMinute: 22,
  difficulty: 4099,
  userAgent: 'acme2-miner/2.0',
  remoteAddress: '10.2.0.2',
  source: 'acme2-pool',
};

export const BRAVO: TenantTraits = {
  workers: ['bravo.north.r1.m1', 'bravo.deep.r7.unit-77', 'bravo.deep.r7.unit-78', 'bravo.pit.r2.m4'],
  sharesPerMinute: 34,
  difficulty: 7919,
  userAgent: 'bravo-firmware/9.9',
  remoteAddress: '10.66.6.6',
  source: 'bravo-pool',
};

const MINUTE_US = 60e6;
const GATEWAY = 'gateway-1';
const at = (us: number | string): string => `fromUnixTimestamp64Micro(toInt64(${us}), 'UTC')`;

/** What the store has of the pool itself: the jobs that all tenants' shares name. */
async function insertPool(store: AnalyticsStore, everyTenant: readonly TenantTraits[]): Promise<void> {
  for (const [index, { source, difficulty }] of everyTenant.entries()) {
    const hash = jobOf(source);
    await store.command(
      `INSERT INTO assay.jobs (hash, algorithm, nbits, network_difficulty, first_seen) VALUES ('${hash}', 'sha256d', '1a00000${index}', ${1e6 + index}, ${at(NOW_US - 120 * MINUTE_US)})`,
    );
    await store.command(
      `INSERT INTO assay.events (at, type, id, gateway, reason, accepted) VALUES (${at(NOW_US - 50 * MINUTE_US)}, 'integrity', 'integrity:${index}', '${source}-gateway', 'unproven', ${difficulty})`,
    );
    await store.command(
      `INSERT INTO assay.upstream_jobs (source, endpoint, gateway, at, job_hash, upstream_difficulty) VALUES ('${source}', '${source}.example:3333', '${GATEWAY}', ${at(NOW_US - 130 * MINUTE_US)}, '${hash}', ${difficulty * 2})`,
    );
  }
}

function jobOf(source: string): string {
  return Buffer.from(source.padEnd(32)).toString('hex');
}

/** @param everyTenant all whose jobs the pool has, also those who are not here */
export async function insertTenants(
  store: AnalyticsStore,
  tenants: readonly TenantTraits[],
  everyTenant: readonly TenantTraits[],
): Promise<void> {
  await insertPool(store, everyTenant);
  await insertMining(
    store,
    tenants.flatMap(({ workers, sharesPerMinute }) =>
      workers.map((worker, i) => ({
        worker,
        fromMinute: NOW_MINUTE - 90,
        toMinute: NOW_MINUTE,
        accepted: sharesPerMinute + 2 * i,
        stale: sharesPerMinute / 2,
      })),
    ),
  );
  for (const tenant of tenants) await insertTenant(store, tenant);
}

async function insertTenant(store: AnalyticsStore, traits: TenantTraits): Promise<void> {
  const { workers, sharesPerMinute, difficulty, userAgent, remoteAddress, source } = traits;
  const tenant = workers[0]!.split('.')[0]!;
  const job = jobOf(source);
  await insertWorkers(
    store,
    workers.map((worker, i) => ({
      worker,
      firstSeenUs: NOW_US - (7000 + sharesPerMinute + i) * MINUTE_US,
      expectedHs: difficulty * 1e8 + i,
      userAgent,
      remoteAddress,
    })),
  );
  for (const [i, worker] of workers.entries()) {
    await store.command(`
      INSERT INTO assay.events (tenant, worker, at, type, id, gateway, remote_address, user_agent, difficulty, reason, accepted, rejected) VALUES
      ('${tenant}', '${worker}', ${at(NOW_US - (60 + i) * MINUTE_US)}, 'authorized', 'worker.events:${sharesPerMinute}:${i}', '${GATEWAY}', '${remoteAddress}', '${userAgent}', ${difficulty}, '', 0, 0),
      ('${tenant}', '${worker}', ${at(NOW_US - (30 + i) * MINUTE_US)}, 'disconnected', 'worker.events:${sharesPerMinute}:${100 + i}', '${GATEWAY}', '', '', 0, '${tenant} hung up', 0, 0),
      ('${tenant}', '${worker}', ${at(NOW_US - (20 + i) * MINUTE_US)}, 'reject_burst', 'shares.verified:${sharesPerMinute}:${i}', '${GATEWAY}', '', '', 0, 'stale', ${difficulty + i}, ${difficulty * 2 + i})`);
    await store.command(`
      INSERT INTO assay.latency_1m (tenant, worker, at, answers, total_ms, slowest_ms)
      SELECT '${tenant}', '${worker}', fromUnixTimestamp(${NOW_MINUTE} * 60 - 60 * number), ${1 + i}, ${(1 + i) * sharesPerMinute}, ${sharesPerMinute + i + 0.5}
      FROM numbers(90)`);
    await store.command(`
      INSERT INTO assay.shares (tenant, worker, algorithm, submitted_at, verdict, difficulty, share_difficulty, job_hash, hash, gateway, log_offset)
      SELECT '${tenant}', '${worker}', 'sha256d', ${at(`${NOW_US - (10 + sharesPerMinute) * MINUTE_US} + number * 1000000 + ${i}`)}, 'accepted', ${difficulty}, ${difficulty} * 3, '${job}', concat('${tenant}${i}-', toString(number)), '${GATEWAY}', number
      FROM numbers(${10 + sharesPerMinute})`);
    await store.command(`
      INSERT INTO assay.upstream_shares (tenant, source, endpoint, gateway, worker, account, hash, job_hash, upstream_difficulty, submitted_at, sent_at, answered_at, attempts, verdict, reason)
      SELECT '${tenant}', '${source}', '${source}.example:3333', '${GATEWAY}', '${worker}', '${tenant}-account', concat('${tenant}${i}-', toString(number)), '${job}', ${difficulty} * 2,
             ${at(`${NOW_US - (10 + sharesPerMinute) * MINUTE_US} + number * 1000000 + ${i}`)}, ${at(`${NOW_US - MINUTE_US} + number * 1000000`)}, ${at(`${NOW_US - MINUTE_US} + number * 1000000 + ${sharesPerMinute * 1000}`)},
             1, if(number % 5 = 0, 'rejected', 'accepted'), if(number % 5 = 0, '${tenant} said no', '')
      FROM numbers(${5 + sharesPerMinute})`);
  }
}

/** What the live state hears of the tenants at a moment: all are connected, and all but the last worker of each have just sent shares. */
export async function applyTenants(live: LiveState, tenants: readonly TenantTraits[], nowUs: number): Promise<void> {
  const samples = tenants.flatMap(({ workers, difficulty, userAgent, remoteAddress, sharesPerMinute }) =>
    workers.map((worker, i): LiveSample => {
      const silent = i === workers.length - 1;
      return {
        worker,
        connectedSinceUs: NOW_US - (60 + sharesPerMinute + i) * MINUTE_US,
        difficulty,
        userAgent,
        remoteAddress,
        expectedHs: difficulty * 1e8 + i,
        ...(!silent && { lastShareAtUs: nowUs - 1e6 * (i + 1), work: (sharesPerMinute + i) * difficulty }),
      };
    }),
  );
  await applyLive(live, samples);
}
