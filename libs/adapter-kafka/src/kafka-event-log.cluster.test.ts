import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { systemClock } from '@assay/kernel';
import { eventLogContract } from '@assay/event-log/contract';
import { openKafkaEventLog, type KafkaEventLog } from './kafka-event-log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
  }
}

const limits = { revokeGraceMs: 200, restartPauseMs: 20, heartbeatMs: 50, sessionTimeoutMs: 3_000, retryPauseMs: 10 };

eventLogContract(
  'Kafka',
  async () => {
    // Every opened log has names of its own on the one broker.
    const prefix = `contract-${randomUUID()}.`;
    const open = (): Promise<KafkaEventLog> =>
      openKafkaEventLog({
        brokers: inject('kafka'),
        clientId: 'contract',
        clock: systemClock,
        limits,
        prefix,
        // Retention drops whole segments. 1 MiB is the least for segment.bytes; this one is for Kafka's own tests.
        topicConfig: { 'internal.segment.bytes': '30000' },
      });
    let log = await open();
    return {
      log,
      reopen: async () => {
        await log.close();
        return (log = await open());
      },
      cleanup: () => log.close(),
    };
  },
  { retention: true, modelRuns: 6 },
);
