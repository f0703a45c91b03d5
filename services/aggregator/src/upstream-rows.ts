// Upstream records as rows of `upstream_jobs` and `upstream_shares`.
import type { UpstreamJob, UpstreamRecord, UpstreamShare } from '@assay/share-block';
import type { ArrowRows, Columns } from './arrow-stream.ts';
import {
  arrowStream,
  float64Column,
  microsColumn,
  stringColumn,
  uint32Column,
  uint64Column,
  uint8Column,
} from './arrow-stream.ts';
import type { Placed } from './json-batch.ts';

/** Undefined when there is no job among them. */
export function upstreamJobRows(partition: number, placed: readonly Placed<UpstreamRecord>[]): ArrowRows | undefined {
  const jobs = placed.filter((one): one is Placed<UpstreamJob> => one.item.type === 'job');
  if (jobs.length === 0) return undefined;
  return arrowStream({
    ...legColumns(partition, jobs),
    at: microsColumn(jobs.map(({ item }) => item.atUs)),
  });
}

/** Undefined when there is no share among them. */
export function upstreamShareRows(partition: number, placed: readonly Placed<UpstreamRecord>[]): ArrowRows | undefined {
  const shares = placed.filter((one): one is Placed<UpstreamShare> => one.item.type === 'share');
  if (shares.length === 0) return undefined;
  const texts = (pick: (share: UpstreamShare) => string): Columns[string] =>
    stringColumn(shares.map(({ item }) => pick(item)));
  const times = (pick: (share: UpstreamShare) => number): Columns[string] =>
    microsColumn(shares.map(({ item }) => pick(item)));
  return arrowStream({
    ...legColumns(partition, shares),
    tenant: texts((share) => share.tenant),
    worker: texts((share) => share.worker),
    account: texts((share) => share.account),
    hash: texts((share) => share.hash),
    submitted_at: times((share) => share.submittedAtUs),
    sent_at: times((share) => share.sentAtUs),
    answered_at: times((share) => share.answeredAtUs),
    attempts: uint32Column(Uint32Array.from(shares, ({ item }) => item.attempts)),
    verdict: texts((share) => share.verdict),
    reason: texts((share) => share.reason),
    block_candidate: uint8Column(Uint8Array.from(shares, ({ item }) => (item.blockCandidate ? 1 : 0))),
  });
}

function legColumns(partition: number, placed: readonly Placed<UpstreamRecord>[]): Columns {
  const texts = (pick: (record: UpstreamRecord) => string): Columns[string] =>
    stringColumn(placed.map(({ item }) => pick(item)));
  return {
    source: texts((record) => record.source),
    gateway: texts((record) => record.gateway),
    endpoint: texts((record) => record.endpoint),
    job_hash: texts((record) => record.jobHash),
    upstream_job_id: texts((record) => record.upstreamJobId),
    upstream_difficulty: float64Column(Float64Array.from(placed, ({ item }) => item.upstreamDifficulty)),
    log_partition: uint32Column(new Uint32Array(placed.length).fill(partition)),
    log_offset: uint64Column(placed.map(({ offset }) => offset)),
  };
}
