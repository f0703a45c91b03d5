import type { AlertRecord } from '@assay/alerting';
import { decodeAlertRecord, encodeAlertRecord } from '@assay/alerting';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aNotification, NOON_US } from '../testing/alerts.ts';
import { messageFor, Outbox } from './outbox.ts';

const note = (id: string, channel = 'chat'): AlertRecord => ({
  type: 'notification',
  notification: aNotification({ id, channel, thread: id }),
});
const at = { atUs: NOON_US, attempts: 1 };

function fold(records: readonly AlertRecord[]): Outbox {
  const outbox = new Outbox();
  for (const record of records) outbox.apply(decodeAlertRecord(encodeAlertRecord(record))!);
  return outbox;
}

const owedIds = (outbox: Outbox): string[] =>
  [...outbox.channels].flatMap((channel) => [...outbox.lane(channel)].map(({ id }) => id));

it('owes what was not delivered, and remembers how often it was tried', () => {
  const outbox = fold([
    note('a'),
    note('b', 'mail'),
    note('c'),
    { type: 'retry', id: 'a', ...at, reason: 'away', nextAtUs: NOON_US + 5 },
    { type: 'delivered', id: 'c', ...at, note: 'not taken for x@y.example' },
  ]);
  expect(owedIds(outbox)).toEqual(['a', 'b']);
  expect([...outbox.lane('chat')][0]).toMatchObject({ attempts: 1, nextAtUs: NOON_US + 5 });
  expect(outbox.oldestUs).toBe(NOON_US);
});

it('shows what was given up, and why', () => {
  const outbox = fold([note('a'), { type: 'undeliverable', id: 'a', ...at, reason: 'refused' }]);
  expect(outbox.size).toBe(0);
  expect(outbox.undeliverable).toEqual([{ id: 'a', channel: 'chat', ...at, reason: 'refused' }]);
});

it('owes a digest in the place of its members', () => {
  const outbox = fold([note('a'), note('b'), note('c'), { type: 'delivered', id: 'c', ...at }]);
  outbox.apply({ type: 'digest', digest: { id: 'd', channel: 'chat', atUs: NOON_US + 9, of: ['a', 'b', 'c'] } });
  expect(owedIds(outbox)).toEqual(['d']);
  const [digest] = [...outbox.lane('chat')];
  expect(messageFor(digest!).notifications.map(({ id }) => id)).toEqual(['a', 'b']);
  outbox.apply({ type: 'delivered', id: 'd', ...at });
  expect(outbox.size).toBe(0);
});

it('owes nothing twice: any records written again anywhere later change nothing', () => {
  const records: readonly AlertRecord[] = [
    note('a'),
    note('b'),
    note('c', 'mail'),
    { type: 'digest', digest: { id: 'd', channel: 'chat', atUs: NOON_US, of: ['a', 'b'] } },
    { type: 'delivered', id: 'd', ...at },
    { type: 'undeliverable', id: 'c', ...at, reason: 'gone' },
    note('e'),
  ];
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 7 }))), (again) => {
      const repeated = [...records];
      for (const [which, gap] of again) {
        const record = records[which]!;
        repeated.splice(Math.min(repeated.length, repeated.indexOf(record) + 1 + gap), 0, record);
      }
      expect(owedIds(fold(repeated))).toEqual(['e']);
    }),
  );
});
