import { expect, it } from 'vitest';
import { AddressLimits } from './address-limits.ts';

it('counts addresses apart, refills with time, and forgets the quiet ones', () => {
  const limits = new AddressLimits({ maxConnectionsPerAddress: 15, acceptsPerSecond: 1 });
  for (let i = 0; i < 10; i++) expect(limits.open('a', 0)).toBe('opened');
  expect(limits.open('a', 0)).toBe('accepts_too_fast');
  expect(limits.open('b', 0)).toBe('opened');
  for (let second = 1; second <= 5; second++) expect(limits.open('a', second * 1e6)).toBe('opened');
  expect(limits.open('a', 60e6)).toBe('too_many_from_address');
  limits.close('a');
  expect(limits.open('a', 60e6)).toBe('opened');
  limits.close('b');
  limits.forgetQuiet(5e6);
  expect(limits.size).toBe(2);
  limits.forgetQuiet(100e6);
  expect(limits.size).toBe(1);
});
