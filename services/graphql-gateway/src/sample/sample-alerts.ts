// Alerts for tests of who shows them.
import type { Alert, AlertRecord } from '@assay/alerting';
import { NOW_US } from './sample-farm.ts';

/** One that is firing, about a worker that is offline since five minutes. */
export function sampleAlert(worker: string, changes: Partial<Alert> = {}): Alert {
  const [tenant = '', site = '', rack = ''] = worker.split('.');
  const id = changes.id ?? `alert of ${worker}`;
  return {
    id,
    key: id,
    rule: 'rule',
    kind: 'offline',
    subject: { tenant, site, rack, worker },
    severity: 'warning',
    evidence: { 'last share': '4 minutes ago' },
    traits: { gateway: 'gw-0' },
    state: 'firing',
    startedAtUs: NOW_US - 300e6,
    firedAtUs: NOW_US - 240e6,
    lastFindingUs: NOW_US - 60e6,
    okSinceUs: 0,
    recentFiringsUs: [],
    flapping: false,
    told: [{ step: 0, atUs: NOW_US - 200e6, channels: ['channel'], group: '' }],
    escalatesFromUs: 0,
    endToldAtUs: 0,
    silencedBy: '',
    ...changes,
  };
}

/** The message that an alert fires, owed to a channel. */
export function sampleMessage(
  { id, rule, kind, subject, severity, startedAtUs, traits, evidence }: Alert,
  channel: string,
): AlertRecord {
  return {
    type: 'notification',
    notification: {
      id: `message of ${id}`,
      about: 'firing',
      channel,
      tenant: subject.tenant,
      atUs: NOW_US - 200e6,
      severity,
      step: 0,
      alerts: [{ id, rule, kind, subject, severity, startedAtUs, traits, evidence }],
      count: 1,
      thread: id,
      opens: true,
    },
  };
}
