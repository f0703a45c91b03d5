// An alerter in a process of its own, for tests that kill it: `node child.mjs LOG URL WORKERS VERDICT`. It finds the same of each worker at every
// look, and tells a webhook. LOG is a directory, or brokers and a prefix of names: `kafka host:port,host:port PREFIX`.
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import type { EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, silentLogger } from '@assay/platform';
import { Registry } from 'prom-client';
import { startAlerting } from '../alerting.ts';
import { WebhookChannel } from '../channels/webhook.ts';
import { alerterSettings } from '../config.ts';

const [place = '', url = '', workers = '0', verdict = 'firing'] = process.argv.slice(2);
const log = await openLog();
const webhook = new WebhookChannel({ url, secrets: ['s'] }, { allowPrivate: true, timeoutMs: 5000 }, systemClock.nowUs);
const rule = {
  id: 'offline',
  tenant: 'acme',
  name: 'offline',
  kind: 'offline' as const,
  forUs: 0,
  clearForUs: 0,
  flapping: { times: 1000, withinUs: 1, calmUs: 0 },
  steps: [{ afterUs: 0, channels: ['hook'] }],
};
await startAlerting(
  parseSettings(alerterSettings, {
    ASSAY_ALERTS_TICK_SECONDS: '1',
    ASSAY_ALERTS_GROUP_WAIT_SECONDS: '0',
    ASSAY_ALERTS_MESSAGES_PER_MINUTE: '6000',
    ASSAY_ALERTS_MESSAGES_AT_ONCE: '1000',
  }),
  {
    log,
    clock: systemClock,
    logger: silentLogger,
    registry: new Registry(),
    random: Math.random,
    config: () => ({ rules: new Map([[rule.id, rule]]), windows: [] }),
    // Too large for anything to be a common cause.
    fleet: () => ({ size: () => 1e9 }),
    channel: () => ({ kind: 'webhook', channel: webhook }),
    findings: (nowUs) =>
      Promise.resolve(
        Array.from({ length: Number(workers) }, (_, i) => ({
          rule: rule.id,
          kind: rule.kind,
          subject: { tenant: 'acme', site: 'north', rack: 'r1', worker: `acme.north.r1.m${i}` },
          atUs: nowUs,
          verdict: verdict as 'firing' | 'ok',
          severity: 'warning' as const,
          evidence: {},
        })),
      ),
  },
);
process.stdout.write('started\n');

function openLog(): Promise<EventLog> {
  const [kafka, brokers = '', prefix = ''] = place.split(' ');
  if (kafka !== 'kafka') return openLmdbEventLog({ dir: place, clock: systemClock });
  return openKafkaEventLog({
    brokers: brokers.split(','),
    prefix,
    clientId: 'alerter-child',
    clock: systemClock,
    // The broker notices soon that the one before was killed.
    limits: { sessionTimeoutMs: 2_000, heartbeatMs: 200 },
  });
}
