import { Random } from '@assay/kernel';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.ts';

async function runDry(time: VirtualTime): Promise<void> {
  while (await time.step());
}

describe('virtual time', () => {
  it('runs timers in order of time, those due at once in the order they were set', async () => {
    const time = new VirtualTime(1_000_000);
    const random = new Random(5);
    const delays = Array.from({ length: 200 }, () => random.below(20));
    const ran: number[] = [];
    delays.forEach((delay, i) => time.after(delay, () => ran.push(i)));
    await runDry(time);
    const expected = delays.map((delay, i) => ({ delay, i })).sort((a, b) => a.delay - b.delay || a.i - b.i);
    expect(ran).toEqual(expected.map(({ i }) => i));
    expect(time.nowUs()).toBe(1_000_000 + Math.max(...delays) * 1000);
  });

  it('does not run what was cancelled, and lets what a timer woke run before the next', async () => {
    const time = new VirtualTime(0);
    const said: string[] = [];
    time.after(5, () => said.push('cancelled'))();
    void time.pause(1).then(() => said.push('woken'));
    time.after(2, () => said.push('later'));
    const abort = new AbortController();
    void time.pause(1e9, abort.signal).then(() => said.push('aborted'));
    abort.abort();
    await runDry(time);
    expect(said).toEqual(['aborted', 'woken', 'later']);
    expect(time.nowUs()).toBe(2000);
  });
});
