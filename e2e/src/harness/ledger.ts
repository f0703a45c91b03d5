// What miners were told, set against what ClickHouse holds: every acknowledged share must be there exactly once.
import { shareIdentity, type Answer } from '@assay/sim';
import type { SqlSource } from './ask.ts';
import { waitFor } from './wait-for.ts';

export interface Reconciliation {
  /** Shares acknowledged to miners. */
  readonly acked: number;
  /** Accepted rows in ClickHouse; can exceed `acked` by shares whose acknowledgement a kill cut off. */
  readonly rows: number;
  /** Distinct shares among the rows. */
  readonly distinct: number;
  /** Accepted shares by the minute rollup. */
  readonly rollupShares: number;
  /** Acknowledged shares that are not in ClickHouse. */
  readonly lost: number;
  /** Rows beyond the first of a share. */
  readonly duplicated: number;
  /** Rejections, by stratum error. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Whether the three rollups equal the raw shares in counts, work and best share, worker by worker and bucket by bucket. */
  readonly rollupsEqual: boolean;
}

const SETTLE_TIMEOUT_MS = 120_000;
const IDENTITY = `concat(worker, '|', extranonce1, '|', extranonce2, '|', lower(leftPad(hex(ntime), 8, '0')), '|', lower(leftPad(hex(nonce), 8, '0')), '|', lower(hex(reinterpretAsFixedString(version))))`;

export class Ledger {
  readonly #acked = new Set<string>();
  readonly #rejected: Record<string, number> = {};
  answers = 0;

  /** Keep as a farm's onAnswer. */
  readonly record = ({ work, nonce, username, accepted, error }: Answer): void => {
    this.answers++;
    if (accepted) this.#acked.add(shareIdentity(username, work, nonce));
    else this.#rejected[error] = (this.#rejected[error] ?? 0) + 1;
  };

  get acked(): number {
    return this.#acked.size;
  }

  /** Waits until ClickHouse has stopped growing and holds what was acknowledged (or the time is up), then compares. */
  async reconcile(pool: SqlSource): Promise<Reconciliation> {
    let before = -1;
    await waitFor('ClickHouse to settle', SETTLE_TIMEOUT_MS, async () => {
      const rows = await this.#count(pool, 'SELECT count() AS n FROM assay.shares');
      const settled = rows === before && (await this.#missing(pool)) === 0;
      before = rows;
      return settled;
    }).catch(() => undefined);
    const accepted = "FROM assay.shares WHERE verdict = 'accepted'";
    const rows = await this.#count(pool, `SELECT count() AS n ${accepted}`);
    const distinct = await this.#count(pool, `SELECT uniqExact(${IDENTITY}) AS n ${accepted}`);
    const rollupShares = await this.#count(pool, 'SELECT sum(accepted) AS n FROM assay.rollup_1m');
    const lost = await this.#missing(pool);
    const unequal = await Promise.all([
      ...[
        ['rollup_1m', 'toStartOfMinute'],
        ['rollup_1h', 'toStartOfHour'],
        ['rollup_1d', 'toStartOfDay'],
      ].map(([table, start]) => this.#unequalBuckets(pool, table!, start!)),
      ...[
        ['site_1m', 'rollup_1m'],
        ['site_1h', 'rollup_1h'],
      ].map(([sites, workers]) => this.#unequalSites(pool, sites!, workers!)),
    ]);
    return {
      acked: this.acked,
      rows,
      distinct,
      rollupShares,
      lost,
      duplicated: rows - distinct,
      rejected: this.#rejected,
      rollupsEqual: unequal.every((count) => count === 0),
    };
  }

  async #count(pool: SqlSource, query: string): Promise<number> {
    const [row] = await pool.sql<{ n: string }>(query);
    return Number(row?.n ?? 0);
  }

  async #missing(pool: SqlSource): Promise<number> {
    const there = await pool.sql<{ id: string }>(
      `SELECT ${IDENTITY} AS id FROM assay.shares WHERE verdict = 'accepted'`,
    );
    const ids = new Set(there.map((row) => row.id));
    let missing = 0;
    for (const id of this.#acked) if (!ids.has(id)) missing++;
    return missing;
  }

  /** Buckets in which the sums of sites and of their workers differ. */
  #unequalSites(pool: SqlSource, sites: string, workers: string): Promise<number> {
    const sums = 'sum(accepted) AS a, sum(rejected) AS r, sum(work) AS w';
    return this.#count(
      pool,
      `SELECT count() AS n FROM
         (SELECT arrayStringConcat(arraySlice(splitByChar('.', toString(worker)), 1, 2), '.') AS site, at, ${sums}
          FROM assay.${workers} GROUP BY site, at) AS theirs
       FULL OUTER JOIN (SELECT toString(worker) AS site, at, ${sums} FROM assay.${sites} GROUP BY site, at) AS own
       ON theirs.site = own.site AND theirs.at = own.at
       WHERE theirs.a != own.a OR theirs.r != own.r OR theirs.w != own.w`,
    );
  }

  /** Buckets in which a rollup and the raw shares differ in anything. */
  #unequalBuckets(pool: SqlSource, table: string, startOf: string): Promise<number> {
    return this.#count(
      pool,
      `SELECT count() AS n FROM
         (SELECT worker, toDateTime(${startOf}(submitted_at), 'UTC') AS bucket, countIf(verdict = 'accepted') AS a, countIf(verdict = 'rejected') AS r,
                 sumIf(toDecimal128(toString(difficulty), 8), verdict = 'accepted') AS w, maxIf(share_difficulty, verdict = 'accepted') AS b
          FROM assay.shares GROUP BY worker, bucket) AS raw
       FULL OUTER JOIN
         (SELECT worker, at AS bucket, sum(accepted) AS a, sum(rejected) AS r, sum(work) AS w, max(best_share) AS b
          FROM assay.${table} GROUP BY worker, bucket) AS rolled
       ON raw.worker = rolled.worker AND raw.bucket = rolled.bucket
       WHERE raw.a != rolled.a OR raw.r != rolled.r OR raw.w != rolled.w OR raw.b != rolled.b`,
    );
  }
}
