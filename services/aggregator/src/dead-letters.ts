// Records that cannot be read are kept, as they were, on `shares.dead`, with where they stood and what was wrong with them, and
// the pipeline goes on. A batch written again may set the same record aside again: its origin tells.
import type { PartitionSession, StoredRecord } from '@assay/event-log';
import { deadLetter, TOPIC } from '@assay/event-log';
import type { PipelinePorts } from './pipeline-ports.ts';
import { untilItSucceeds } from './retry.ts';

export interface DeadLetter {
  readonly record: StoredRecord;
  /** A word, for counting. */
  readonly reason: string;
  /** A sentence, for people. */
  readonly message: string;
}

type DeadLetterPorts = Pick<PipelinePorts, 'log' | 'retry' | 'metrics' | 'logger'>;

export async function deadLetters(
  session: PartitionSession,
  letters: readonly DeadLetter[],
  ports: DeadLetterPorts,
): Promise<void> {
  const { topic, partition, signal } = session;
  for (const { record, reason, message } of letters) {
    const letter = deadLetter(topic, partition, record, reason, message);
    const set = (): Promise<unknown> => ports.log.append(TOPIC.sharesDead, [letter]);
    await untilItSucceeds('setting a record aside', set, signal, ports.retry);
    ports.metrics.dead.inc({ topic, reason });
    ports.logger.error({ topic, partition, offset: record.offset, reason }, message);
  }
}
