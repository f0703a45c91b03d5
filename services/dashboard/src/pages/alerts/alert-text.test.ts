import { expect, it } from 'vitest';
import type { ShownAlert } from './alert-documents.ts';
import { causeText, clustersOf, messageText, subjectText } from './alert-text.ts';

const RACK = { id: 'g', dimension: 'RACK', tenant: 'acme', site: 'north', value: 'r1', workers: 8, of: 9 } as const;

function alert(id: string, changes: Partial<ShownAlert> = {}): ShownAlert {
  return {
    id,
    kind: 'OFFLINE',
    severity: 'WARNING',
    state: 'FIRING',
    startedAt: '2026-01-14T12:00:00.000Z',
    group: null,
    ...changes,
  } as ShownAlert;
}

it('puts what fires first, the worst before the rest, and one cause together', () => {
  const clusters = clustersOf([
    alert('over', { state: 'RESOLVED', group: RACK }),
    alert('a', { group: RACK }),
    alert('seen', { state: 'ACKNOWLEDGED', severity: 'CRITICAL' }),
    alert('bad', { severity: 'CRITICAL' }),
    alert('b', { group: RACK, startedAt: '2026-01-14T12:05:00.000Z' }),
  ]);
  expect(clusters.map(({ alerts }) => alerts.map(({ id }) => id))).toEqual([['bad'], ['b', 'a'], ['seen'], ['over']]);
  expect(clusters.map(({ group }) => group?.id)).toEqual([undefined, 'g', undefined, 'g']);
});

it('says who is in trouble and what the cause may be', () => {
  const nothing = { tenant: null, site: null, rack: null, worker: null, part: null };
  expect(subjectText({ ...nothing, tenant: 'acme', site: 'north', worker: 'acme.north.m1' })).toBe('acme.north.m1');
  expect(subjectText({ ...nothing, tenant: 'acme', site: 'north', rack: 'r1' })).toBe('rack acme.north.r1');
  expect(subjectText({ ...nothing, tenant: 'acme' })).toBe('tenant acme');
  expect(subjectText({ ...nothing, part: 'f2pool' })).toBe('f2pool');
  expect(causeText(RACK)).toBe('Rack acme.north.r1');
  expect(causeText({ ...RACK, dimension: 'USER_AGENT', value: 'bmminer/2' })).toBe('Firmware bmminer/2');
});

it('says what became of a message', () => {
  const message = {
    id: 'm',
    about: 'FIRING',
    channel: 'c',
    channelName: 'Chat',
    step: 0,
    at: '',
    state: 'DELIVERED',
    attempts: 1,
    reason: null,
  } as const;
  expect(messageText(message)).toBe('that it began: delivered');
  expect(messageText({ ...message, state: 'RETRYING', attempts: 2, reason: 'HTTP 503' })).toBe(
    'that it began: not delivered after 2 attempts, tried again. HTTP 503',
  );
  expect(messageText({ ...message, about: 'RESOLVED', state: 'UNDELIVERABLE', reason: 'no such chat' })).toBe(
    'that it is over: given up. no such chat',
  );
});
