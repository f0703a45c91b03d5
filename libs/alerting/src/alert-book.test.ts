import { beforeEach, expect, it } from 'vitest';
import { AlertBook, type AlertConfig, type Changes } from './alert-book.ts';
import { countFleet } from './common-cause.ts';
import type { AlertRule, MaintenanceWindow } from './rule.ts';
import { aFinding, aRule, aSite, HOUR_US, MINUTE_US, NO_FLEET, NOON_US } from './testing/alert-fixtures.ts';

let book: AlertBook;
let nowUs: number;
beforeEach(() => {
  book = new AlertBook();
  nowUs = NOON_US;
  configure([aRule()]);
});

function configure(rules: readonly AlertRule[], windows: readonly MaintenanceWindow[] = []): void {
  const config: AlertConfig = { rules: new Map(rules.map((rule) => [rule.id, rule])), windows };
  book.configure(config);
}

/** Says the verdict every minute, as detection does, with a tick each time. What was told, in words. */
function minutes(count: number, verdict: 'firing' | 'ok' | 'nothing', fleet = NO_FLEET): string[] {
  const told: string[] = [];
  for (let i = 0; i < count; i++) {
    if (verdict !== 'nothing') book.found(aFinding(nowUs, { verdict }));
    told.push(...words(book.tick(nowUs, fleet)));
    nowUs += MINUTE_US;
  }
  return told;
}

function words({ notifications }: Changes): string[] {
  const sinceNoon = Math.round((nowUs - NOON_US) / MINUTE_US);
  return notifications.map(({ about, channel, step }) => `${sinceNoon} ${about} ${channel} ${step}`);
}

const state = (): string | undefined => [...book.alerts][0]?.state;

it('fires after the time of the rule, is told after the group wait, and ends after the clear time', () => {
  expect(minutes(2, 'firing')).toEqual([]);
  expect(state()).toBe('pending');
  expect(minutes(1, 'firing')).toEqual([]);
  expect(state()).toBe('firing');
  expect(minutes(1, 'firing')).toEqual(['3 firing chat 0']);
  expect(minutes(30, 'firing')).toEqual([]);
  expect(minutes(3, 'ok')).toEqual(['35 resolved chat 0']);
});

it('tells nobody of trouble that is over before it fires', () => {
  minutes(2, 'firing');
  expect(minutes(10, 'ok')).toEqual([]);
  expect(state()).toBeUndefined();
});

it('lets a verdict stand until the next one, though the detector falls silent', () => {
  minutes(1, 'firing');
  expect(minutes(5, 'nothing')).toEqual(['3 firing chat 0']);
  expect(state()).toBe('firing');
});

it('ignores a finding older than the last one', () => {
  minutes(4, 'firing');
  book.found(aFinding(nowUs - 3 * MINUTE_US, { verdict: 'ok' }));
  expect(minutes(3, 'nothing')).toEqual([]);
  expect(state()).toBe('firing');
});

it('escalates while nobody acknowledges, and goes on when an acknowledgement is withdrawn', () => {
  configure([
    aRule({
      steps: [
        { afterUs: 0, channels: ['chat'] },
        { afterUs: 15 * MINUTE_US, channels: ['mail', 'chat'] },
        { afterUs: 60 * MINUTE_US, channels: ['boss'] },
      ],
    }),
  ]);
  expect(minutes(30, 'firing')).toEqual(['3 firing chat 0', '18 firing mail 1', '18 firing chat 1']);
  const { id } = [...book.alerts][0]!;
  expect(book.acknowledge(id, 'ann', nowUs).type).toBe('done');
  expect(minutes(120, 'firing')).toEqual([]);
  expect(book.acknowledge(id, 'bob', nowUs)).toEqual({ type: 'refused', code: 'not_firing' });
  expect(book.unacknowledge(id, nowUs).type).toBe('done');
  expect(book.unacknowledge(id, nowUs)).toEqual({ type: 'refused', code: 'not_acknowledged' });
  expect(minutes(61, 'firing')).toEqual(['210 firing boss 2']);
  expect(minutes(3, 'ok')).toEqual(['212 resolved chat 0', '212 resolved mail 0', '212 resolved boss 0']);
  expect(book.acknowledge('nobody', 'ann', nowUs)).toEqual({ type: 'refused', code: 'unknown_alert' });
});

it('damps what comes and goes: the fourth firing within the hour lasts until it has been calm', () => {
  const told = [];
  for (let round = 0; round < 8; round++) told.push(...minutes(4, 'firing'), ...minutes(4, 'ok'));
  // Three episodes of their own; the fourth goes on through every later one.
  expect(told.filter((line) => line.includes('firing'))).toHaveLength(4);
  expect(told.filter((line) => line.includes('resolved'))).toHaveLength(3);
  expect([...book.alerts][0]).toMatchObject({ state: 'firing', flapping: true });
  expect(minutes(30, 'ok')).toEqual(['80 resolved chat 0']);
});

it('holds what is not critical in quiet hours, and tells at their end what still fires', () => {
  const quietHours = { timeZone: 'UTC', days: [3], from: 12 * 60, to: 13 * 60, passes: ['critical' as const] };
  configure([aRule({ quietHours })]);
  expect(minutes(59, 'firing')).toEqual([]);
  expect([...book.alerts][0]).toMatchObject({ state: 'firing', silencedBy: 'quiet hours' });
  expect(minutes(5, 'firing')).toEqual(['60 firing chat 0']);

  book = new AlertBook();
  nowUs = NOON_US;
  configure([aRule({ quietHours })]);
  minutes(10, 'firing');
  expect(minutes(60, 'ok')).toEqual([]);

  book.found(aFinding(NOON_US + 24 * 7 * HOUR_US, { severity: 'critical' }));
  nowUs = NOON_US + 24 * 7 * HOUR_US;
  expect(minutes(5, 'nothing')[0]).toContain('firing chat 0');
});

it('keeps the record of what a maintenance window silences, and holds ends as well', () => {
  minutes(5, 'firing');
  configure(
    [aRule()],
    [{ id: 'new-fans', tenant: 'acme', under: ['acme.north'], fromUs: nowUs, toUs: nowUs + HOUR_US }],
  );
  expect(minutes(10, 'ok')).toEqual([]);
  expect(minutes(49, 'firing')).toEqual([]);
  expect([...book.alerts][0]).toMatchObject({ state: 'firing', silencedBy: 'new-fans', told: [] });
  // At the end of the window: the end of what was told before it, and the beginning of what fires now.
  expect(minutes(10, 'firing').sort()).toEqual(['65 firing chat 0', '65 resolved chat 0']);
});

it('ends the alerts of a rule that was removed', () => {
  minutes(5, 'firing');
  configure([]);
  expect(minutes(1, 'firing')).toEqual(['5 resolved chat 0']);
});

it('tells of a site that is down in one message, adds who comes later, and tells once that all is well', () => {
  const site = aSite('north', 20, 20, { gateway: 'gw-0' });
  const fleet = countFleet([...site, ...aSite('south', 20, 20)]);
  const say = (verdict: 'firing' | 'ok', members: typeof site): void => {
    for (const { subject, traits } of members) book.found(aFinding(nowUs, { subject, traits, verdict }));
  };
  const tick = (): Changes => {
    const changes = book.tick(nowUs, fleet);
    nowUs += MINUTE_US;
    return changes;
  };
  const notified = [];
  for (let minute = 0; minute < 5; minute++) {
    say('firing', site.slice(0, 398));
    notified.push(...tick().notifications);
  }
  expect(notified).toHaveLength(1);
  expect(notified[0]).toMatchObject({
    about: 'firing',
    opens: true,
    count: 398,
    group: { cause: { dimension: 'site', value: 'north' }, workers: 398, of: 400 },
  });
  expect(notified[0]!.alerts).toHaveLength(20);

  const late = [];
  for (let minute = 0; minute < 5; minute++) {
    say('firing', site);
    late.push(...tick().notifications);
  }
  expect(late).toHaveLength(1);
  expect(late[0]).toMatchObject({ count: 2, opens: false, thread: notified[0]!.thread, group: { workers: 400 } });

  const ends = [];
  for (let minute = 0; minute < 4; minute++) {
    say('ok', site);
    ends.push(...tick().notifications);
  }
  expect(ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({ about: 'resolved', count: 400, thread: notified[0]!.thread, group: { of: 400 } });
  nowUs += HOUR_US;
  tick();
  expect([[...book.alerts], [...book.groups]]).toEqual([[], []]);
});

it('opens a group anew for trouble that comes after the last was over, though a restart finds the old one on record', () => {
  const rack = aSite('north', 1, 10);
  const fleet = countFleet(rack);
  const down = (): Changes['notifications'] => {
    const told = [];
    for (let minute = 0; minute < 5; minute++) {
      for (const { subject } of rack) book.found(aFinding(nowUs, { subject }));
      told.push(...book.tick(nowUs, fleet).notifications);
      nowUs += MINUTE_US;
    }
    return told;
  };
  const [first] = down();
  const [group] = [...book.groups];
  book = new AlertBook();
  configure([aRule()]);
  book.restoreGroup(group!);
  nowUs += 24 * HOUR_US;
  const [second] = down();
  expect(second).toMatchObject({ opens: true, count: 10 });
  expect(second!.thread).not.toBe(first!.thread);
});

it('tells the end of a part of a group when the first has waited long enough', () => {
  const rack = aSite('north', 1, 10);
  const fleet = countFleet(rack);
  const told: string[] = [];
  for (let minute = 0; minute < 30; minute++) {
    rack.forEach(({ subject }, i) =>
      book.found(aFinding(nowUs, { subject, verdict: minute >= 10 && i < 7 ? 'ok' : 'firing' })),
    );
    const { notifications } = book.tick(nowUs, fleet);
    told.push(...notifications.map(({ about, count }) => `${minute} ${about} ${count}`));
    nowUs += MINUTE_US;
  }
  expect(told).toEqual(['3 firing 10', '16 resolved 7']);
});

it('keeps two upstreams apart, though both belong to the pool', () => {
  const subject = { tenant: '*', site: '', rack: '', worker: '' };
  configure([aRule({ id: 'upstreams', tenant: '*', kind: 'upstream_down', forUs: 0 })]);
  for (const upstream of ['pool-a', 'pool-b']) {
    book.found(aFinding(nowUs, { rule: 'upstreams', kind: 'upstream_down', subject, traits: { upstream } }));
  }
  nowUs += MINUTE_US;
  expect(book.tick(nowUs, NO_FLEET).notifications.map(({ alerts }) => alerts[0]!.traits.upstream)).toEqual([
    'pool-a',
    'pool-b',
  ]);
});

it('refuses to move before it was configured', () => {
  expect(() => new AlertBook().tick(NOON_US, NO_FLEET)).toThrow('never configured');
});
