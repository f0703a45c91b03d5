// A record's source raises the mark below which further records count as repeats, so a source that nobody submitted would have every
// record after it dropped in silence. Sources leap only over what was set aside, empty or expired, so a leap is rare, and is
// compared with what has been submitted: no validator can have judged what has not.
//
// It is done before the bounds of a batch are recorded, as the answer changes while the log grows; a batch that is written again takes
// what it took before. What a forger can still do who may write to shares.verified is hide what is on its way at that moment, or
// up to LEAP records; who may write there could as well write shares. Only validators should (docs/dead-letters.md).
import { TOPIC, type PartitionSession, type StoredRecord } from '@assay/event-log';
import type { PipelinePorts } from './pipeline-ports.ts';
import { untilItSucceeds } from './retry.ts';
import type { VerifiedBatch } from './verified-batch.ts';

/** The first record of the batch whose source lies beyond everything submitted, if there is one. */
export async function firstForged(
  batch: VerifiedBatch,
  { partition, signal }: PartitionSession,
  { log, retry }: Pick<PipelinePorts, 'log' | 'retry'>,
): Promise<StoredRecord | undefined> {
  if (batch.leaps.length === 0) return undefined;
  const ask = () => log.bounds(TOPIC.sharesSubmitted, partition);
  const { end } = await untilItSucceeds('asking what was submitted', ask, signal, retry);
  return batch.leaps.find(({ source }) => source >= end)?.record;
}
