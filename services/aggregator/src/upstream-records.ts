// What becomes of records of `upstream.shares`: rows of `upstream_jobs` and `upstream_shares`. They are no part of the live state.
import type { PartitionSession } from '@assay/event-log';
import type { UpstreamRecord } from '@assay/share-block';
import { z } from 'zod';
import { fields, ofOwnTenant, readJson } from './json-batch.ts';
import { consumeJson, type JsonRecords } from './json-pipeline.ts';
import type { PipelinePorts } from './pipeline-ports.ts';
import { upstreamJobRows, upstreamShareRows } from './upstream-rows.ts';

const { text, name, amount, count, timeUs } = fields;
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 hex digits');
const leg = {
  gateway: name,
  source: name,
  endpoint: text,
  jobHash: hash,
  upstreamJobId: text,
  upstreamDifficulty: amount,
};

const recordSchema: z.ZodType<UpstreamRecord> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), ...leg, atUs: timeUs }),
  z.object({
    type: z.literal('share'),
    ...leg,
    hash,
    tenant: name,
    worker: name,
    account: text,
    submittedAtUs: timeUs,
    sentAtUs: timeUs,
    answeredAtUs: timeUs,
    attempts: count,
    verdict: z.enum(['accepted', 'rejected', 'unanswered', 'unsent']),
    reason: text,
    blockCandidate: z.boolean(),
  }),
]);

/** A record written twice is two rows until merges leave one of them: the tables are read with FINAL. */
const RECORDS: JsonRecords<UpstreamRecord> = {
  read: (value) =>
    ofOwnTenant(readJson(recordSchema, 'upstream record', 'bad_upstream_record', value), 'upstream record'),
  timeUs: (record) => (record.type === 'job' ? record.atUs : record.submittedAtUs),
  rows: (_topic, partition, placed) => ({
    upstream_jobs: upstreamJobRows(partition, placed),
    upstream_shares: upstreamShareRows(partition, placed),
  }),
};

export function consumeUpstream(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  return consumeJson(session, RECORDS, ports);
}
