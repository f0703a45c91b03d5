import { describe, expect, it } from 'vitest';
import { changeText, sourceText } from './expectation-text.ts';

const none = { expectedHashRate: null, ratedPowerWatts: null, model: null };

describe('a change of what is expected', () => {
  it('says what moved, and nothing of the rest', () => {
    const before = { ...none, expectedHashRate: 1e14, model: 'S19' };
    expect(changeText({ before, after: { ...before, expectedHashRate: 1.1e14, model: 'S21' } })).toBe(
      'expected rate 100\u00a0TH/s → 110\u00a0TH/s, model S19 → S21',
    );
    expect(changeText({ before: none, after: { ...none, ratedPowerWatts: 3250 } })).toBe('rated power 3,250\u00a0W');
    expect(changeText({ before, after: { ...before, expectedHashRate: null } })).toBe(
      'expected rate taken away (was 100\u00a0TH/s)',
    );
  });

  it('says who said so', () => {
    expect(sourceText({ by: null })).toBe('by its password');
    expect(sourceText({ by: { kind: 'USER', id: 'u', name: 'Ann' } })).toBe('by Ann');
  });
});
