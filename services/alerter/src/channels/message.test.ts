import { testNotification } from '@assay/alerting';
import { expect, it } from 'vitest';
import { aNotification, NOON_US } from '../testing/alerts.ts';
import { digestOf, messageOf } from './message.ts';

it('says what and where in one line, and how often nobody answered', () => {
  expect(messageOf(aNotification()).title).toBe('WARNING: acme.north.r1.m1: hash rate below what is expected');
  expect(messageOf(aNotification({ step: 1 })).title).toMatch(/ \(step 2, not acknowledged\)$/);
  expect(messageOf(aNotification({ about: 'resolved' })).title).toMatch(/^Resolved: acme/);
});

it('names the part of the pool that is in trouble', () => {
  const [alert] = aNotification().alerts;
  const subject = { tenant: '*', site: '', rack: '', worker: '' };
  const alerts = [{ ...alert!, kind: 'upstream_down' as const, subject, traits: { upstream: 'pool-a' } }];
  expect(messageOf(aNotification({ alerts })).title).toBe('WARNING: pool-a: upstream pool down');
  const silent = [{ ...alerts[0]!, kind: 'gateways_silent' as const, traits: {} }];
  expect(messageOf(aNotification({ alerts: silent })).title).toBe('WARNING: the pool: nothing heard from the gateways');
});

it('says that nobody knows whether it is over, when its rule is gone, and says of a test that it is one', () => {
  const [alert] = aNotification().alerts;
  const closed = aNotification({ about: 'resolved', alerts: [{ ...alert!, over: 'rule_removed' }] });
  expect(messageOf(closed).title).toMatch(/^Closed: acme/);
  expect(messageOf(closed).lines.at(-1)).toContain('whether it is over is not known');
  expect(messageOf(testNotification('t', 'chat', 'acme', 'ann', NOON_US))).toMatchObject({
    about: 'test',
    title: 'Test: alerts of Assay reach you here',
    lines: ['Asked for by ann'],
  });
});

it('names the probable cause of many, and how many it does not list', () => {
  const group = {
    id: 'g',
    cause: { dimension: 'rack', tenant: 'acme', site: 'north', value: 'r1' } as const,
    workers: 38,
    of: 40,
  };
  const many = aNotification({ severity: 'critical', count: 38, group });
  expect(messageOf(many)).toMatchObject({
    title: 'CRITICAL: rack r1 of site north: 38 of 40 workers in trouble',
    lines: [
      'Probable common cause: rack r1 of site north',
      'acme.north.r1.m1: hash rate below what is expected, rate 93.1 TH/s (90.2 to 96.0), expected 104 TH/s',
      'and 37 more alerts',
    ],
  });
  expect(messageOf({ ...many, about: 'resolved' }).title).toBe('Resolved: rack r1 of site north: 38 alerts are over');
});

it('puts many messages into one, all of them for programs', () => {
  const notifications = [
    aNotification(),
    aNotification({ about: 'resolved', severity: 'critical' }),
    aNotification({ step: 1 }),
  ];
  const digest = digestOf('d', NOON_US, notifications);
  expect(digest).toMatchObject({ about: 'digest', tenant: 'acme', severity: 'critical', thread: '', notifications });
  expect(digest.title).toBe('3 messages at once: 2 of trouble, 1 of its end');
  expect(digest.lines).toHaveLength(3);
});
