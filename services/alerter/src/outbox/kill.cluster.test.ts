import { randomUUID } from 'node:crypto';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { expect, inject, it } from 'vitest';
import { killRounds } from '../testing/kill-rounds.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
  }
}

it('tells everything over three kills in the middle of sending, on Kafka', async () => {
  const brokers = inject('kafka');
  const prefix = `alerter-${randomUUID()}.`;
  const open = () => openKafkaEventLog({ brokers, prefix, clientId: 'alerter-kills', clock: systemClock });
  const log = await open();
  await log.ensureTopics(topicSpecs(1));
  await log.close();
  await expect(killRounds(3, { place: `kafka ${brokers.join(',')} ${prefix}`, open })).resolves.toBeUndefined();
});
