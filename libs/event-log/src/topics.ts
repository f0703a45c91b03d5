// The topics, named once. Tools outside this repository rely on the names (README, "Topics").
import type { TopicSpec } from './event-log.ts';

export const TOPIC = {
  sharesSubmitted: 'shares.submitted',
  sharesVerified: 'shares.verified',
  /** Records of the other topics that could not be read, as they were, with headers that say why. */
  sharesDead: 'shares.dead',
  workerEvents: 'worker.events',
  /** How long machines took to answer their gateway, by the minute: JSON, keyed by gateway. */
  workerLatencies: 'worker.latencies',
  /** What gateways took over from upstream pools and nodes, and what became of each share passed on: JSON, keyed by gateway. */
  upstreamShares: 'upstream.shares',
  control: 'control',
  /** What the control log comes to at some of its offsets, for who can no longer read it from its beginning. */
  controlSnapshots: 'control.snapshots',
  /** Alerts, the messages owed of them and what became of each, and people's acknowledgements: JSON, in one order. */
  alerts: 'alerts',
} as const;

const DAY_US = 86_400_000_000;
const GIB = 2 ** 30;

/** How much of a share topic is kept per partition, whichever bound is met first. */
export interface ShareRetention {
  readonly bytes: number;
  readonly us: number;
}

/** Enough to replay some days of a small farm, in the embedded log. */
const SMALL_FARM: ShareRetention = { bytes: 2 * GIB, us: 3 * DAY_US };

export function topicSpecs(partitions: number, shares: ShareRetention = SMALL_FARM): TopicSpec[] {
  const kept = { retentionBytes: shares.bytes, retentionUs: shares.us };
  return [
    { name: TOPIC.sharesSubmitted, partitions, ...kept },
    { name: TOPIC.sharesVerified, partitions, ...kept },
    { name: TOPIC.sharesDead, partitions: 1, retentionBytes: GIB / 4, retentionUs: 30 * DAY_US },
    { name: TOPIC.workerEvents, partitions, retentionBytes: GIB / 4, retentionUs: 7 * DAY_US },
    // A day and a half of 10,000 workers at one gateway, of which all is in one partition.
    { name: TOPIC.workerLatencies, partitions, retentionBytes: GIB, retentionUs: 7 * DAY_US },
    // What was earned is worked out from it: kept at least as long as the shares it is compared with.
    {
      name: TOPIC.upstreamShares,
      partitions,
      retentionBytes: GIB,
      retentionUs: Math.max(shares.us, 7 * DAY_US),
    },
    { name: TOPIC.control, partitions: 1, retentionBytes: GIB / 4, retentionUs: 3650 * DAY_US },
    // Two of the largest at least: a million workers of 400 bytes.
    { name: TOPIC.controlSnapshots, partitions: 1, retentionBytes: GIB, retentionUs: 3650 * DAY_US },
    // Whoever keeps the alerts reads it from the start. What is still open is written again long before it would be dropped.
    { name: TOPIC.alerts, partitions: 1, retentionBytes: GIB, retentionUs: 90 * DAY_US },
  ];
}
