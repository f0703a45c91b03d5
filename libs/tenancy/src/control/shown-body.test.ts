import { expect, test } from 'vitest';
import { z } from 'zod';
import { KINDS } from './kinds.ts';
import { shownBody } from './shown-body.ts';

test('secrets are left out wherever they stand, and nothing else is', () => {
  const user = {
    email: 'ann@example.org',
    grants: [{ role: 'customer', tenant: 'acme' }],
    passwordHash: '$argon2id$…',
    secondFactor: { sealed: 'v1.…', lastStep: 7, recoveryHashes: ['a', 'b'] },
    invitation: { tokenHash: 'c', expiresAtUs: 9 },
  };
  expect(shownBody(user)).toEqual({
    email: 'ann@example.org',
    grants: [{ role: 'customer', tenant: 'acme' }],
    passwordHash: '(secret)',
    secondFactor: { sealed: '(secret)', lastStep: 7, recoveryHashes: '(secret)' },
    invitation: { tokenHash: '(secret)', expiresAtUs: 9 },
  });
  expect(shownBody({ expectedHashRateHs: 1e14, tags: ['x'], model: undefined })).toEqual({
    expectedHashRateHs: 1e14,
    tags: ['x'],
    model: undefined,
  });
  expect(shownBody(undefined)).toBeUndefined();
});

test('every kind keeps to the convention: a new field that sounds like a secret must follow it', () => {
  const names = new Set<string>();
  for (const { schema } of Object.values(KINDS))
    for (const [, name] of JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' })).matchAll(/"(\w+)":\{/g))
      names.add(name!);
  const suspicious = [...names].filter((name) => /secret|password|token|hash(?!Rate)|seal|url|key/i.test(name));
  const withheld = suspicious.filter((name) => Object.values(shownBody({ [name]: 1 }) as object)[0] !== 1);
  expect(withheld.sort()).toEqual(
    [
      'passwordHash',
      'recoveryHashes',
      'sealed',
      'sealedPassword',
      'sealedSecrets',
      'sealedToken',
      'sealedUrl',
      'secretHash',
      'tokenHash',
    ].sort(),
  );
  // Only sounds like it; and where webhooks go, which is no secret of ours.
  expect(suspicious.filter((name) => !withheld.includes(name)).sort()).toEqual(['falseAlarmsPerWorkerYear', 'url']);
});
