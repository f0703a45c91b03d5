import { describe, expect, it } from 'vitest';
import { parseHashRate, parseInterval, parsePasswordOptions } from './password-options.ts';

describe('parsePasswordOptions', () => {
  it('reads difficulty, interval and rate, and leaves the rest as the secret', () => {
    expect(parsePasswordOptions('d=65536,interval=5m,rate=100T,s3cret')).toEqual({
      difficulty: 65536,
      reportingIntervalSeconds: 300,
      expectedHashRateHs: 100e12,
      secret: 's3cret',
    });
  });

  it.each([
    ['', ''],
    ['x', 'x'],
    ['a,b', 'a,b'],
    ['d=abc', 'd=abc'],
    ['d=-1', 'd=-1'],
    ['d=0', 'd=0'],
    ['d=1e999', 'd=1e999'],
    ['interval=never', 'interval=never'],
    ['rate=fast,x', 'rate=fast,x'],
    ['password=d', 'password=d'],
  ])('takes %j as the secret %j without options', (password, secret) => {
    expect(parsePasswordOptions(password)).toEqual({
      difficulty: undefined,
      reportingIntervalSeconds: undefined,
      expectedHashRateHs: undefined,
      secret,
    });
  });

  it('keeps the last of an option given twice, and takes small difficulties', () => {
    expect(parsePasswordOptions('d=1,d=.00001').difficulty).toBe(0.00001);
    expect(parsePasswordOptions('D = 0.5 ,x').difficulty).toBe(0.5);
  });

  it('cuts what no firmware sends', () => {
    expect(parsePasswordOptions('y'.repeat(5000)).secret).toHaveLength(256);
  });
});

describe('parseHashRate', () => {
  it.each([
    ['100T', 100e12],
    ['100TH/s', 100e12],
    ['1.5 PH/s', 1.5e15],
    ['500MH', 500e6],
    ['7k', 7e3],
    ['7K', 7e3],
    ['78e', undefined],
    ['2E', 2e18],
    ['25000', 25000],
    ['25000H/s', 25000],
    ['0', undefined],
    ['-3T', undefined],
    ['T', undefined],
    ['1m', undefined],
    ['inf', undefined],
    ['1TT', undefined],
  ])('%s -> %s', (text, expected) => {
    expect(parseHashRate(text)).toBe(expected);
  });
});

describe('parseInterval', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['5m', 300],
    ['2H', 7200],
    ['1d', 86400],
    ['2d', undefined],
    ['0', undefined],
    ['5w', undefined],
  ])('%s -> %s', (text, expected) => {
    expect(parseInterval(text)).toBe(expected);
  });
});
