import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { systemClock } from '@assay/kernel';
import { eventLogContract } from '@assay/event-log/contract';
import { buildChild, type ChildProgram } from '@assay/event-log/testing';
import { openKafkaEventLog, type KafkaEventLog } from './kafka-event-log.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
  }
}

const limits = { revokeGraceMs: 200, restartPauseMs: 20, heartbeatMs: 50, sessionTimeoutMs: 2_000, retryPauseMs: 10 };

let child: ChildProgram;
beforeAll(async () => void (child = await buildChild(new URL('./testing/consumer-child.ts', import.meta.url))));
afterAll(() => child.remove());

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
      startConsumer: (group, topic) => child.run([inject('kafka').join(','), prefix, group, topic]),
      cleanup: () => log.close(),
    };
  },
  { retention: true, processes: true, modelRuns: 6 },
);
