import { expect, it } from 'vitest';
import { aNotification, NOON_US } from '../testing/alerts.ts';
import { DEFAULT_LANE_LIMITS, Lane, type LaneLimits } from './lane.ts';
import type { Owed } from './outbox.ts';

const LIMITS: LaneLimits = { ...DEFAULT_LANE_LIMITS, perMinute: 60, burst: 3 };
const SECOND_US = 1_000_000;
const half = (): number => 0.5;

function owed(id: string, changes: Partial<Owed> = {}): Owed {
  const notifications = [aNotification({ id, thread: id })];
  return {
    id,
    channel: 'chat',
    notifications,
    isDigest: false,
    sinceUs: NOON_US,
    attempts: 0,
    nextAtUs: 0,
    ...changes,
  };
}

const many = (count: number): Owed[] => Array.from({ length: count }, (_, i) => owed(`n${i}`));

it('sends a few at once, and a storm as one digest', () => {
  const lane = new Lane(LIMITS, half);
  expect(lane.next(many(3), NOON_US)).toMatchObject({ type: 'send', owed: { id: 'n0' } });
  const turn = lane.next(many(400), NOON_US);
  expect(turn.type === 'digest' && turn.members).toHaveLength(400);
  const bounded = new Lane({ ...LIMITS, maxDigest: 100 }, half).next(many(400), NOON_US);
  expect(bounded.type === 'digest' && bounded.members).toHaveLength(100);
});

it('never exceeds its rate, in any minute', () => {
  const lane = new Lane(LIMITS, half);
  const sentUs: number[] = [];
  // Digests among digests, so that each turn is one message.
  const digests = many(1000).map((each) => ({ ...each, isDigest: true }));
  for (let nowUs = NOON_US; nowUs < NOON_US + 300 * SECOND_US;) {
    const turn = lane.next(digests.slice(sentUs.length), nowUs);
    if (turn.type === 'wait') {
      expect(turn.untilUs).toBeGreaterThan(nowUs);
      nowUs = turn.untilUs;
      continue;
    }
    expect(turn.type).toBe('send');
    lane.spend();
    sentUs.push(nowUs);
  }
  expect(sentUs.length).toBeGreaterThan(290);
  for (const fromUs of sentUs) {
    const within = sentUs.filter((atUs) => atUs >= fromUs && atUs < fromUs + 60 * SECOND_US);
    expect(within.length).toBeLessThanOrEqual(LIMITS.perMinute + LIMITS.burst);
  }
});

it('doubles its pauses up to a bound, and gives up after the stated time', () => {
  const lane = new Lane(LIMITS, half);
  let each = owed('n');
  let nowUs = NOON_US;
  const pausesS: number[] = [];
  let attempts = 0;
  for (;;) {
    attempts++;
    const verdict = lane.settle(each, { type: 'retry', reason: 'away' }, nowUs);
    if (verdict.type !== 'retry') {
      expect(verdict.type).toBe('undeliverable');
      break;
    }
    pausesS.push((verdict.nextAtUs - nowUs) / SECOND_US);
    nowUs = verdict.nextAtUs;
    each = { ...each, attempts, nextAtUs: nowUs };
  }
  expect(pausesS.slice(0, 4)).toEqual([3.75, 7.5, 15, 30]);
  expect(Math.max(...pausesS)).toBe(675);
  // The last attempt is made exactly at the bound.
  expect(nowUs - NOON_US).toBe(LIMITS.giveUpMs * 1000);
});

it('waits as long as the receiver asks, with everything that is owed to it', () => {
  const lane = new Lane(LIMITS, half);
  const verdict = lane.settle(owed('n0'), { type: 'retry', reason: 'slow down', afterMs: 90_000 }, NOON_US);
  expect(verdict).toEqual({ type: 'retry', nextAtUs: NOON_US + 90 * SECOND_US });
  expect(lane.next([owed('n1')], NOON_US + 89 * SECOND_US)).toEqual({
    type: 'wait',
    untilUs: NOON_US + 90 * SECOND_US,
  });
  expect(lane.next([owed('n1')], NOON_US + 90 * SECOND_US).type).toBe('send');
});

it('lets others pass a message that has to wait, but not those of its conversation', () => {
  const lane = new Lane(LIMITS, half);
  const first = owed('first', { nextAtUs: NOON_US + 600 * SECOND_US, attempts: 3 });
  const end = owed('end', { notifications: [aNotification({ id: 'end', thread: 'first', about: 'resolved' })] });
  expect(lane.next([first, end, owed('other')], NOON_US)).toMatchObject({ owed: { id: 'other' } });
  expect(lane.next([first, end], NOON_US)).toEqual({ type: 'wait', untilUs: first.nextAtUs });
  const digest = owed('digest', { isDigest: true, nextAtUs: first.nextAtUs, notifications: first.notifications });
  expect(lane.next([digest, end], NOON_US)).toEqual({ type: 'wait', untilUs: first.nextAtUs });
});

it('takes a refusal as final and as no fault of the channel', () => {
  const lane = new Lane(LIMITS, half);
  expect(lane.settle(owed('n0'), { type: 'refused', reason: 'no' }, NOON_US)).toEqual({ type: 'undeliverable' });
  expect(lane.next([owed('n1')], NOON_US).type).toBe('send');
});
