import { describe, expect, it } from 'vitest';
import { Misconduct, type BanSettings } from './misconduct.ts';

const settings: BanSettings = { banPoints: 600, banGuesses: 50, banSeconds: 60, banMaxSeconds: 3600 };
const SECOND = 1e6;

/** Offers points and good shares at steady rates; says at which second it was banned. */
function steady(pointsPerSecond: number, sharesPerSecond: number, seconds: number): number | undefined {
  const misconduct = new Misconduct(0);
  for (let second = 1; second <= seconds; second++) {
    for (let i = 0; i < sharesPerSecond; i++) misconduct.acceptedShare(second * SECOND);
    if (misconduct.add(pointsPerSecond, settings, second * SECOND)) return second;
  }
  return undefined;
}

describe('an address', () => {
  it('is banned for a flood of invalid shares, and not for the odd ones', () => {
    expect(steady(50, 0, 60)).toBeLessThan(15);
    expect(steady(5, 0, 3600)).toBeUndefined();
  });

  it('with 500 machines, one of them broken, is not banned', () => {
    // 500 machines at 18 shares a minute; the broken one at half of what one connection may send.
    expect(steady(500, 150, 3600)).toBeUndefined();
    expect(steady(500, 0, 3600)).toBe(2);
  });

  it('cannot mine a few good shares to be allowed a flood', () => {
    expect(steady(500, 1, 60)).toBeLessThan(5);
  });

  it('is refused for a time that doubles up to a bound, and starts anew after a long peace', () => {
    const misconduct = new Misconduct(0);
    let nowUs = 0;
    const lengths: number[] = [];
    for (let ban = 0; ban < 8; ban++) {
      expect(misconduct.banned(nowUs)).toBe(false);
      expect(misconduct.add(settings.banPoints, settings, nowUs)).toBe(true);
      expect(misconduct.banned(nowUs)).toBe(true);
      lengths.push((misconduct.bannedUntilUs - nowUs) / SECOND);
      nowUs = misconduct.bannedUntilUs;
    }
    expect(lengths).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600]);
    nowUs += settings.banMaxSeconds * SECOND;
    expect(misconduct.isClean(settings, nowUs)).toBe(true);
    misconduct.add(settings.banPoints, settings, nowUs);
    expect((misconduct.bannedUntilUs - nowUs) / SECOND).toBe(60);
    expect(misconduct.isClean(settings, nowUs)).toBe(false);
  });

  it('is banned for guesses whatever good it does, and for nothing where that is switched off', () => {
    const misconduct = new Misconduct(0);
    for (let i = 0; i < 10_000; i++) misconduct.acceptedShare(0);
    for (let i = 1; i < 50; i++) expect(misconduct.addGuess(1, settings, 0)).toBe(false);
    expect(misconduct.addGuess(1, settings, 0)).toBe(true);

    const lenient = new Misconduct(0);
    expect(lenient.add(1e9, { ...settings, banPoints: 0 }, 0)).toBe(false);
    expect(lenient.addGuess(1e9, { ...settings, banGuesses: 0 }, 0)).toBe(false);
  });
});
