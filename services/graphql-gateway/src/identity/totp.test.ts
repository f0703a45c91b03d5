import { expect, it } from 'vitest';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts';
import { newTotpSecret, totpCode, totpStep, totpStepAt, totpUri } from './totp.ts';

/** RFC 6238, appendix B: seconds, and the last six of the eight digits it gives for SHA-1. */
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
it.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('at second %i the RFC gives %s', (second, code) => {
  expect(totpCode(RFC_SECRET, totpStepAt(second * 1e6))).toBe(code);
});

it('takes the code of now and of a step to either side, and none that is not later than the last one', () => {
  const secret = newTotpSecret();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const nowUs = 1_900_000_000e6;
  const now = totpStepAt(nowUs);
  for (const [step, taken] of [
    [now - 2, false],
    [now - 1, true],
    [now, true],
    [now + 1, true],
    [now + 2, false],
  ] as const)
    expect(totpStep(secret, totpCode(secret, step), nowUs, 0)).toBe(taken ? step : undefined);
  expect(totpStep(secret, totpCode(secret, now), nowUs, now)).toBeUndefined();
  expect(totpStep(secret, totpCode(secret, now - 1), nowUs, now)).toBeUndefined();
  expect(totpStep(secret, totpCode(secret, now + 1), nowUs, now)).toBe(now + 1);
  for (const wrong of ['', '12345', '1234567', 'abcdef', '１２３４５６'])
    expect(totpStep(secret, wrong, nowUs, 0)).toBe(undefined);
});

it('names account and issuer in what apps read', () => {
  expect(totpUri('ABC', 'ann@example.org', 'Assay pool')).toBe(
    'otpauth://totp/Assay%20pool:ann%40example.org?secret=ABC&issuer=Assay%20pool',
  );
});

it('makes ten recovery codes, which may be typed without hyphens and in capitals', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^([a-z0-9]{4}-){3}[a-z0-9]{4}$/);
    expect(hashRecoveryCode(code.replaceAll('-', ' ').toUpperCase())).toBe(hashRecoveryCode(code));
  }
  expect(hashRecoveryCode(codes[0]!)).not.toBe(hashRecoveryCode(codes[1]!));
});
