import { describe, expect, it } from 'vitest';
import { LoginThrottle } from './login-throttle.ts';

const HOUR_MS = 3_600_000;

/** Tries until the time is up, whenever it is let; returns how often. */
function guesses(throttle: LoginThrottle, account: (n: number) => string, address: (n: number) => string, ms: number) {
  let count = 0;
  for (let nowMs = 0; nowMs < ms;) {
    const admission = throttle.admit(account(count), address(count), nowMs);
    if (admission.allowed) count++;
    else nowMs += admission.retryAfterSeconds * 1000;
    nowMs += 1;
  }
  return count;
}

describe('tries to log in', () => {
  it('at one account are few in an hour, from however many addresses', () => {
    const throttle = new LoginThrottle();
    const count = guesses(
      throttle,
      () => 'Ann@example.org',
      (n) => `192.0.2.${n}`,
      HOUR_MS,
    );
    expect(count).toBeGreaterThan(10);
    expect(count).toBeLessThan(30);
    expect(throttle.admit(' ann@EXAMPLE.org', '198.51.100.1', HOUR_MS).allowed).toBe(false);
    expect(throttle.admit('bob@example.org', '198.51.100.1', HOUR_MS).allowed).toBe(true);
  });

  it('from one address are few in an hour, at however many accounts, and an IPv6 network is one address', () => {
    const accounts = (n: number) => `user${n}@example.org`;
    expect(guesses(new LoginThrottle(), accounts, () => '192.0.2.1', HOUR_MS)).toBeLessThan(60);
    expect(guesses(new LoginThrottle(), accounts, (n) => `2001:db8::${n.toString(16)}`, HOUR_MS)).toBeLessThan(60);
    expect(guesses(new LoginThrottle(), accounts, (n) => `2001:db8:0:${n.toString(16)}::1`, 60_000)).toBeGreaterThan(
      1000,
    );
  });

  it('at once are no way around', () => {
    const throttle = new LoginThrottle();
    const admitted = Array.from({ length: 50 }, () => throttle.admit('ann@example.org', '192.0.2.1', 0));
    expect(admitted.filter(({ allowed }) => allowed)).toHaveLength(5);
  });

  it('wait twice as long after each failure, up to five minutes, and are forgotten after a success or an hour', () => {
    const throttle = new LoginThrottle();
    const waits: number[] = [];
    let nowMs = 0;
    while (waits.length < 12) {
      const admission = throttle.admit('ann@example.org', '192.0.2.1', nowMs);
      if (admission.allowed) continue;
      waits.push(admission.retryAfterSeconds);
      nowMs += admission.retryAfterSeconds * 1000;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    const right = throttle.admit('ann@example.org', '192.0.2.1', nowMs);
    if (right.allowed) right.attempt.succeeded();
    const after = Array.from({ length: 6 }, () => throttle.admit('ann@example.org', '192.0.2.1', nowMs));
    expect(after.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
    expect(throttle.admit('ann@example.org', '192.0.2.1', nowMs + HOUR_MS + 1).allowed).toBe(true);
  });

  it('that are taken back do not count', () => {
    const throttle = new LoginThrottle();
    for (let i = 0; i < 100; i++) {
      const admission = throttle.admit('ann@example.org', '192.0.2.1', 0);
      expect(admission.allowed).toBe(true);
      if (admission.allowed) admission.attempt.takenBack();
    }
  });

  it('of a guesser elsewhere do not lock out who has logged in here before', () => {
    const throttle = new LoginThrottle();
    const first = throttle.admit('ann@example.org', '192.0.2.1', 0);
    if (first.allowed) first.attempt.succeeded();
    for (let i = 0; i < 100; i++) throttle.admit('ann@example.org', `198.51.100.${i}`, 1);
    expect(throttle.admit('ann@example.org', '203.0.113.1', 2).allowed).toBe(false);
    expect(throttle.admit('ann@example.org', '192.0.2.1', 2).allowed).toBe(true);
  });

  it('are remembered of so many accounts and no more', () => {
    const throttle = new LoginThrottle();
    for (let i = 0; i < 5; i++) throttle.admit('ann@example.org', '192.0.2.1', 0);
    expect(throttle.admit('ann@example.org', '192.0.2.2', 0).allowed).toBe(false);
    for (let i = 0; i < 20_000; i++) throttle.admit(`user${i}@example.org`, `10.1.${i >> 8}.${i & 255}`, 0);
    expect(throttle.admit('ann@example.org', '192.0.2.2', 0).allowed).toBe(true);
  });
});
