import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Sealer, secretsKeyFile, secretsSettings } from './sealer.ts';
import { parseSettings } from './settings.ts';

const key = randomBytes(32);
const sealer = new Sealer([key]);

test('opens what it sealed, for what it was sealed for, and nothing that was changed', () => {
  const sealed = sealer.seal('JBSWY3DPEHPK3PXP', 'second-factor ann');
  expect(sealed).not.toContain('JBSWY3DPEHPK3PXP');
  expect(sealer.open(sealed, 'second-factor ann')).toBe('JBSWY3DPEHPK3PXP');
  expect(sealer.open(sealed, 'second-factor bob')).toBeUndefined();
  expect(new Sealer([randomBytes(32)]).open(sealed, 'second-factor ann')).toBeUndefined();
  for (let at = 0; at < sealed.length; at++) {
    // The last character of base64url holds bits that do not count.
    if (at === sealed.length - 1) continue;
    const other = sealed[at] === 'A' ? 'B' : 'A';
    expect(sealer.open(sealed.slice(0, at) + other + sealed.slice(at + 1), 'second-factor ann'), `${at}`).toBe(
      undefined,
    );
  }
  for (const cut of [0, 3, 12, 20, sealed.length - 2])
    expect(sealer.open(sealed.slice(0, cut), 'second-factor ann')).toBeUndefined();
  expect(sealer.seal('x', 'y')).not.toBe(sealer.seal('x', 'y'));
});

test('a new key seals while the old one still opens', () => {
  const sealed = sealer.seal('secret', 'channel c1');
  const rotated = new Sealer([randomBytes(32), key]);
  expect([rotated.open(sealed, 'channel c1'), rotated.isOld(sealed)]).toEqual(['secret', true]);
  const anew = rotated.seal('secret', 'channel c1');
  expect([rotated.isOld(anew), sealer.open(anew, 'channel c1')]).toEqual([false, undefined]);
});

test('without a key seals nothing', () => {
  expect(new Sealer([]).canSeal).toBe(false);
  expect(() => new Sealer([]).seal('secret', 'channel c1')).toThrow('ASSAY_SECRETS_KEY');
});

test('reads keys from the setting, in base64 and hex', () => {
  const text = `${key.toString('base64')}, ${key.toString('hex')}`;
  expect(parseSettings(secretsSettings, { ASSAY_SECRETS_KEY: text }).keys).toEqual([key, key]);
  expect(parseSettings(secretsSettings, {}).keys).toEqual([]);
  for (const wrong of ['short', key.toString('hex').slice(1), `${key.toString('base64')},x`])
    expect(() => parseSettings(secretsSettings, { ASSAY_SECRETS_KEY: wrong })).toThrow(
      'ASSAY_SECRETS_KEY cannot be used',
    );
});

test('makes the key file once, for its owner alone', () => {
  const dir = mkdtempSync(join(tmpdir(), 'assay-sealer-'));
  try {
    const path = join(dir, 'secrets.key');
    const made = secretsKeyFile(path);
    expect(made).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(secretsKeyFile(path)).toEqual(made);
    expect(readFileSync(path, 'utf8')).toBe(`${made.toString('base64')}\n`);
    writeFileSync(path, 'not a key');
    expect(() => secretsKeyFile(path)).toThrow('holds no key');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
