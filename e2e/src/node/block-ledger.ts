// What became of shares that may be blocks, by a pool's own record.
import type { SqlSource } from '../harness/ask.ts';

export interface BlockCandidate {
  readonly hash: string;
  readonly source: string;
  readonly endpoint: string;
  readonly standing: string;
  /** As the node said it. */
  readonly reason: string;
  /** 1 for one that counts as stale: found while another machine's block was on its way, and passed on for what it may be worth. */
  readonly late: number;
}

/** All of them once each of these blocks is on record as taken, and nothing that a node would have taken was kept back; else undefined. */
export async function settledCandidates(
  pool: SqlSource,
  sources: readonly string[],
  blocks: readonly string[],
): Promise<readonly BlockCandidate[] | undefined> {
  const rows = await pool.sql<BlockCandidate>(
    `SELECT hash, source, endpoint, standing, upstream_reason AS reason,
       (worker, submitted_at) IN (SELECT toString(worker), submitted_at FROM assay.shares WHERE reject_reason = 'stale') AS late
     FROM assay.upstream_ledger WHERE block_candidate = 1 AND source IN {sources:Array(String)}`,
    { sources },
  );
  const taken = new Set(rows.filter(({ standing }) => standing === 'credited').map(({ hash }) => hash));
  const isSettled = ({ standing, late }: BlockCandidate): boolean =>
    standing === 'not_verified' ? late === 1 : standing !== 'not_forwarded';
  return blocks.every((hash) => taken.has(hash)) && rows.every(isSettled) ? rows : undefined;
}
