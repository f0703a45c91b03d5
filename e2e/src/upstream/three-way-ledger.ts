// Three records of the same shares, set against each other to the share: what machines were told, what we verified, what pools credited.
// A share qualifies when we accepted it and its hash reaches the difficulty its job had upstream.
import type { CountingPool } from '@assay/sim';
import type { SqlSource } from '../harness/ask.ts';
import type { Ledger, Reconciliation } from '../harness/ledger.ts';

export interface ThreeWayLedger {
  readonly submitted: Reconciliation;
  /** Shares accepted by us that reach their job's upstream difficulty. */
  readonly qualifying: number;
  /** Of them, those on record as passed on, or as not having been possible to pass on. */
  readonly onRecord: number;
  /** Qualifying shares without a record, and records of shares that do not qualify. */
  readonly unrecorded: number;
  readonly undue: number;
  /** Records by verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Shares the pools themselves credited. */
  readonly credited: number;
  /** Said to be credited by us, and not by the pool; and credited by the pool, which we do not know of or know as refused. */
  readonly falselyCredited: number;
  readonly uncreditedByUs: number;
  /** Refusals by the pools, by reason; those for a job that was good a moment before are nobody's fault. */
  readonly refused: Readonly<Record<string, number>>;
  /** Refusals that are our fault, of all shares passed on. */
  readonly faultRate: number;
}

interface UpstreamRow {
  readonly hash: string;
  readonly verdict: string;
}

export async function reconcileThreeWays(
  ledger: Ledger,
  source: SqlSource,
  pools: readonly CountingPool[],
): Promise<ThreeWayLedger> {
  const submitted = await ledger.reconcile(source);
  const qualifying = new Set(
    (
      await source.sql<{ hash: string }>(
        `SELECT DISTINCT shares.hash AS hash FROM assay.shares AS shares
           INNER JOIN (SELECT job_hash, min(upstream_difficulty) AS wanted FROM assay.upstream_jobs GROUP BY job_hash) AS jobs
           ON shares.job_hash = jobs.job_hash
           WHERE shares.verdict = 'accepted' AND shares.share_difficulty >= jobs.wanted`,
      )
    ).map(({ hash }) => hash),
  );
  const rows = await source.sql<UpstreamRow>('SELECT hash, verdict FROM assay.upstream_shares');
  const verdicts: Record<string, number> = {};
  const verdictOf = new Map<string, string>();
  for (const { hash, verdict } of rows) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    verdictOf.set(hash, verdict);
  }
  const credited = new Set(pools.flatMap((pool) => [...pool.credited.keys()]));
  const refused: Record<string, number> = {};
  for (const pool of pools)
    for (const [reason, count] of pool.refused) refused[reason] = (refused[reason] ?? 0) + count;
  const submits = pools.reduce((sum, pool) => sum + pool.submits, 0);
  const faults = pools.reduce((sum, pool) => sum + pool.faults, 0);
  const among = (hashes: Iterable<string>, test: (hash: string) => boolean): number => {
    let count = 0;
    for (const hash of hashes) if (test(hash)) count++;
    return count;
  };
  return {
    submitted,
    qualifying: qualifying.size,
    onRecord: rows.length,
    unrecorded: among(qualifying, (hash) => !verdictOf.has(hash)),
    undue: among(verdictOf.keys(), (hash) => !qualifying.has(hash)),
    verdicts,
    credited: credited.size,
    falselyCredited: among(verdictOf.keys(), (hash) => verdictOf.get(hash) === 'accepted' && !credited.has(hash)),
    // An answer that was lost with its connection leaves us without knowing, and says so.
    uncreditedByUs: among(credited, (hash) => !['accepted', 'unanswered'].includes(verdictOf.get(hash) ?? '')),
    refused,
    faultRate: submits === 0 ? 0 : faults / submits,
  };
}

const MOST_FAULTS = 0.001;

/** What is wrong with a ledger; empty when it reconciles to the share. */
export function problemsOf(ledger: ThreeWayLedger): string[] {
  const { submitted } = ledger;
  const checks: readonly [string, boolean][] = [
    ['shares acknowledged and not verified', submitted.lost === 0],
    ['shares verified twice', submitted.duplicated === 0],
    ['rollups that differ from the shares', submitted.rollupsEqual],
    ['qualifying shares without a record', ledger.unrecorded === 0],
    ['records of shares that do not qualify', ledger.undue === 0],
    ['a share with two records', ledger.onRecord === ledger.qualifying + ledger.undue - ledger.unrecorded],
    ['shares we say were credited and the pool did not', ledger.falselyCredited === 0],
    ['shares the pool credited and we do not say so', ledger.uncreditedByUs === 0],
    ['refusals that are our fault', ledger.faultRate < MOST_FAULTS],
    ['nothing passed on at all', ledger.credited > 0],
  ];
  return checks.filter(([, holds]) => !holds).map(([what]) => what);
}
