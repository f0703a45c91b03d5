import { describe, expect, it } from 'vitest';
import { StatementSlots } from './slots.ts';

const never = new AbortController().signal;

describe('slots', () => {
  it('let statements run up to the bound, then in the order they came', async () => {
    const slots = new StatementSlots(2, 10, 60_000);
    const first = await slots.acquire(never);
    await slots.acquire(never);
    const order: string[] = [];
    const third = slots.acquire(never).then((giveBack) => (order.push('third'), giveBack));
    const fourth = slots.acquire(never).then((giveBack) => (order.push('fourth'), giveBack));
    expect(order).toEqual([]);
    first();
    (await third)();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
  });

  it('refuse when full, when the wait is too long, and when the client leaves, and lose no slot by it', async () => {
    const slots = new StatementSlots(1, 2, 20);
    const giveBack = await slots.acquire(never);
    const left = new AbortController();
    const leaving = slots.acquire(left.signal);
    const waiting = slots.acquire(never);
    await expect(slots.acquire(never)).rejects.toMatchObject({ code: 202, httpStatus: 503 });
    left.abort();
    await expect(leaving).rejects.toMatchObject({ code: 394 });
    await expect(waiting).rejects.toMatchObject({ code: 202 });
    giveBack();
    const again = await slots.acquire(never);
    again();
    expect(await slots.acquire(never)).toBeTypeOf('function');
  });
});
