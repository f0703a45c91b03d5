// Notifications for tests.
import type { Notification } from '@assay/alerting';
import type { AlertMessage } from '../channels/channel.ts';
import { messageOf } from '../channels/message.ts';

export const NOON_US = Date.UTC(2026, 0, 14, 12) * 1000;

export function aNotification(changes: Partial<Notification> = {}): Notification {
  return {
    id: '5f3c0a6be1d24d0f9a4b7c8d9e0f1a2b',
    about: 'firing',
    channel: 'chat',
    tenant: 'acme',
    atUs: NOON_US,
    severity: 'warning',
    step: 0,
    alerts: [
      {
        id: 'a1b2c3d4e5f60718293a4b5c',
        rule: 'rate',
        kind: 'rate_below_expected',
        subject: { tenant: 'acme', site: 'north', rack: 'r1', worker: 'acme.north.r1.m1' },
        severity: 'warning',
        startedAtUs: NOON_US - 600_000_000,
        traits: { gateway: 'gw-0' },
        evidence: { rate: '93.1 TH/s (90.2 to 96.0)', expected: '104 TH/s' },
      },
    ],
    count: 1,
    thread: 'a1b2c3d4e5f60718293a4b5c',
    opens: true,
    ...changes,
  };
}

export function aMessage(changes: Partial<AlertMessage> = {}): AlertMessage {
  return { ...messageOf(aNotification()), ...changes };
}

/** What people and miners may write that some receiver would take for its own. */
export const HOSTILE = `<b>&amp; <script>alert("1")</script> *_~\`[x](http://x) <!channel> <@U1> ${'\u{1F525}'} & < >`;
