import { describe, expect, it } from 'vitest';
import { AccountUptime, type AccountUptimes } from './account-uptime.ts';

const HALF = { days: new Map([['2026-11-26', 0.5]]), total: 0.5 };
const KNOWN: AccountUptimes = { contributed: HALF, byHolding: new Map() };
const LONG_MS = 60_000;

describe('the uptime of an answer', () => {
  it('is what was worked out', async () => {
    const uptime = new AccountUptime(async () => KNOWN, LONG_MS);
    expect(await uptime.standing()).toBe('known');
    expect(await uptime.contributed()).toBe(HALF);
  });

  it('is nothing where it takes longer than can be waited for, for all of its fields, though it comes in between', async () => {
    let come: (uptimes: AccountUptimes) => void = () => undefined;
    const uptime = new AccountUptime(() => new Promise((resolve) => (come = resolve)), 1);
    expect(await uptime.standing()).toBe('working');
    come(KNOWN);
    expect(await uptime.contributed()).toEqual({ days: new Map(), total: undefined });
    expect(await uptime.standing()).toBe('working');
  });

  it('says where there are too many machines, and fails where it cannot be read', async () => {
    expect(await new AccountUptime(async () => undefined, LONG_MS).standing()).toBe('too_many_machines');
    const failing = new AccountUptime(() => Promise.reject(new Error('no store')), LONG_MS);
    await expect(failing.standing()).rejects.toThrow('no store');
  });
});
