// The topics, named once. Tools outside this repository rely on the names (README, "Topics").
import type { TopicSpec } from './event-log.ts';

export const TOPIC = {
  sharesSubmitted: 'shares.submitted',
  sharesVerified: 'shares.verified',
  /** Records of the share topics and of worker.events that could not be read, as they were, with headers that say why. */
  sharesDead: 'shares.dead',
  workerEvents: 'worker.events',
  control: 'control',
} as const;

const DAY_US = 86_400_000_000;
const GIB = 2 ** 30;

/** Retention of the embedded log: enough to replay some days of a small farm. */
export function topicSpecs(partitions: number): TopicSpec[] {
  return [
    { name: TOPIC.sharesSubmitted, partitions, retentionBytes: 2 * GIB, retentionUs: 3 * DAY_US },
    { name: TOPIC.sharesVerified, partitions, retentionBytes: 2 * GIB, retentionUs: 3 * DAY_US },
    { name: TOPIC.sharesDead, partitions: 1, retentionBytes: GIB / 4, retentionUs: 30 * DAY_US },
    { name: TOPIC.workerEvents, partitions, retentionBytes: GIB / 4, retentionUs: 7 * DAY_US },
    { name: TOPIC.control, partitions: 1, retentionBytes: GIB / 4, retentionUs: 3650 * DAY_US },
  ];
}
