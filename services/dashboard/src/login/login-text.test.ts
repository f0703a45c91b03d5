import encodeQR from 'qr';
import { describe, expect, it } from 'vitest';
import { darkRuns } from './dark-runs.ts';
import { failureText, waitText } from './failure-text.ts';
import { pairProblems } from './password-pair.ts';

describe('failureText', () => {
  it('does not say which of address and password is wrong', () => {
    const refused = { code: 'LOGIN_REFUSED', message: 'x' };
    expect(failureText(refused, 'password')).toBe('The e-mail address or the password is not right.');
    expect(failureText(refused, 'code')).toMatch(/^The code is not right/);
  });

  it('leaves the wait to the button where it is known, and says it where it is not', () => {
    const message = 'Too many attempts: wait for 8 seconds.';
    expect(failureText({ code: 'TOO_MANY_ATTEMPTS', message, retryAfterSeconds: 8 }, 'password')).not.toContain('8');
    expect(failureText({ code: 'TOO_MANY_ATTEMPTS', message }, 'code')).toBe(message);
    expect(waitText(7_001)).toBe('Try again in 8\u00a0s');
  });

  it('passes on what only the gateway knows', () => {
    expect(failureText({ code: 'BAD_PASSWORD', message: 'Too easy.' }, 'account')).toBe('Too easy.');
  });
});

describe('pairProblems', () => {
  it('counts what is missing in characters, and compares', () => {
    expect(pairProblems('seven quiet rivers', 'seven quiet rivers')).toEqual({});
    expect(pairProblems('elevenchars', 'elevenchars')).toEqual({ password: '1 character is missing.' });
    expect(pairProblems('🦊'.repeat(12), '🦊'.repeat(12))).toEqual({});
    expect(pairProblems('🦊'.repeat(10), '').password).toBe('2 characters are missing.');
    expect(pairProblems('seven quiet rivers', 'seven quiet river').again).toBe('The two are not the same.');
  });
});

describe('darkRuns', () => {
  it('draws every dark module and no other', () => {
    const modules = encodeQR('otpauth://totp/Assay:ann?secret=ABC', 'raw', { ecc: 'medium', border: 4 });
    const drawn = modules.map((row) => row.map(() => false));
    for (const [, x, y, width] of darkRuns(modules).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      drawn[Number(y)]!.fill(true, Number(x), Number(x) + Number(width));
    expect(drawn).toEqual(modules);
  });
});
