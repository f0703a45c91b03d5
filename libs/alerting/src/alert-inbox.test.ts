import { expect, it } from 'vitest';
import { AlertBook } from './alert-book.ts';
import { AlertInbox } from './alert-inbox.ts';
import { countFleet, type Fleet } from './common-cause.ts';
import { decodeAlertRecord, encodeAlertRecord, type AlertRecord } from './records.ts';
import { testNotification } from './telling.ts';
import { aFinding, aRule, aSite, MINUTE_US, NO_FLEET, NOON_US } from './testing/alert-fixtures.ts';

const at = { atUs: NOON_US, attempts: 1 };

/** A book whose records go straight into an inbox. */
class Shown {
  readonly inbox: AlertInbox;
  readonly book = new AlertBook();
  nowUs = NOON_US;

  constructor(maxResolved?: number) {
    this.inbox = new AlertInbox(maxResolved);
    this.book.configure({ rules: new Map([['offline', aRule({ forUs: 0, clearForUs: 0 })]]), windows: [] });
  }

  apply(record: AlertRecord): readonly string[] {
    return this.inbox.apply(decodeAlertRecord(encodeAlertRecord(record))!);
  }

  /** One minute in which `subjects` are in trouble or well. */
  minute(verdict: 'firing' | 'ok', subjects: ReturnType<typeof aSite>, fleet: Fleet = NO_FLEET): void {
    for (const { subject } of subjects) this.book.found(aFinding(this.nowUs, { subject, verdict }));
    const { notifications, groups, alerts } = this.book.tick(this.nowUs, fleet);
    for (const notification of notifications) this.apply({ type: 'notification', notification });
    for (const group of groups) this.apply({ type: 'group', group });
    for (const alert of alerts) this.apply({ type: 'alert', alert });
    this.nowUs += MINUTE_US;
  }
}

const rack = aSite('north', 1, 8);
const states = (shown: Shown): string[] => [...shown.inbox.all()].map(({ state }) => state);
const messagesOf = (shown: Shown, id: string): string[] =>
  shown.inbox.messages(id).map(({ about, channel, state, reason }) => `${about} ${channel} ${state} ${reason}`.trim());

it('shows what is open and what is over, with what was told and what became of it', () => {
  const shown = new Shown();
  shown.minute('firing', rack.slice(0, 1));
  shown.minute('firing', rack.slice(0, 1));
  const [alert] = [...shown.inbox.all()];
  expect(states(shown)).toEqual(['firing']);
  const [message] = shown.inbox.messages(alert!.id);
  expect(shown.apply({ type: 'retry', id: message!.id, ...at, reason: 'away', nextAtUs: 1 })).toEqual([alert!.id]);
  expect(messagesOf(shown, alert!.id)).toEqual(['firing chat owed away']);
  shown.apply({ type: 'delivered', id: message!.id, ...at });
  shown.minute('ok', rack.slice(0, 1));
  expect(states(shown)).toEqual(['resolved']);
  const [, end] = shown.inbox.messages(alert!.id);
  shown.apply({ type: 'undeliverable', id: end!.id, ...at, reason: 'refused' });
  expect(messagesOf(shown, alert!.id)).toEqual(['firing chat delivered', 'resolved chat undeliverable refused']);
});

it("shows a group's messages beside each of its alerts, and what became of a digest beside all of it", () => {
  const shown = new Shown();
  const fleet = countFleet(rack);
  shown.minute('firing', rack, fleet);
  shown.minute('firing', rack, fleet);
  const ids = [...shown.inbox.all()].map(({ id }) => id);
  expect(ids).toHaveLength(8);
  const [message] = shown.inbox.messages(ids[0]!);
  shown.apply({ type: 'digest', digest: { id: 'd', channel: 'chat', atUs: NOON_US, of: [message!.id] } });
  expect([...shown.apply({ type: 'delivered', id: 'd', ...at })].sort()).toEqual([...ids].sort());
  for (const id of ids) expect(messagesOf(shown, id)).toEqual(['firing chat delivered']);
});

it('keeps so many of those that are over, and nothing of what never fired', () => {
  const shown = new Shown(3);
  for (const machine of rack) {
    shown.minute('firing', [machine]);
    shown.minute('firing', [machine]);
    shown.minute('ok', [machine]);
  }
  expect([...shown.inbox.all()].map(({ subject }) => subject.worker)).toEqual([
    'acme.north.r1.m6',
    'acme.north.r1.m7',
    'acme.north.r1.m8',
  ]);
  const pending = new Shown();
  pending.book.configure({ rules: new Map([['offline', aRule()]]), windows: [] });
  pending.minute('firing', rack.slice(0, 1));
  expect(states(pending)).toEqual(['pending']);
  pending.minute('ok', rack.slice(0, 1));
  expect(states(pending)).toEqual([]);
});

it('shows how a test of a channel went', () => {
  const shown = new Shown();
  shown.apply({ type: 'notification', notification: testNotification('t', 'chat', 'acme', 'ann', NOON_US) });
  expect(messagesOf(shown, 't')).toEqual(['test chat owed']);
  shown.apply({ type: 'undeliverable', id: 't', ...at, reason: 'no_service' });
  expect(messagesOf(shown, 't')).toEqual(['test chat undeliverable no_service']);
});
