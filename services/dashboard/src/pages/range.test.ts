import { describe, expect, it } from 'vitest';
import { isRangeName, RANGE_NAMES, rangeEndingAt } from './range.ts';

describe('ranges', () => {
  it('end at the last full step that has settled', () => {
    const now = Date.UTC(2026, 10, 22, 14, 3, 10);
    // 14:03 ended ten seconds ago: too fresh.
    expect(rangeEndingAt('1h', now)).toEqual({
      from: '2026-11-22T13:02:00.000Z',
      to: '2026-11-22T14:02:00.000Z',
      maxPoints: 60,
    });
    expect(rangeEndingAt('24h', now)).toEqual({
      from: '2026-11-21T14:00:00.000Z',
      to: '2026-11-22T14:00:00.000Z',
      maxPoints: 288,
    });
  });

  it('stay within the points the schema allows', () => {
    for (const name of RANGE_NAMES) expect(rangeEndingAt(name, 0).maxPoints).toBeLessThanOrEqual(2000);
  });

  it('know their names', () => {
    expect(isRangeName('6h')).toBe(true);
    expect(isRangeName('2h')).toBe(false);
    expect(isRangeName(null)).toBe(false);
  });
});
