import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineSettings,
  describeSettings,
  flag,
  parseSettings,
  refuseUnknownSettings,
  secret,
  setting,
  SettingsError,
  whole,
} from './settings.ts';

const table = defineSettings({
  port: setting('ASSAY_TEST_PORT', whole(0, 65535), 3333, 'TCP port.'),
  demo: setting('ASSAY_TEST_DEMO', flag, false, 'Whether to run the demo.'),
  host: setting('ASSAY_TEST_HOST', z.string().min(1), '127.0.0.1', 'Address.'),
});

describe('settings', () => {
  it('takes defaults for what is unset or empty', () => {
    expect(parseSettings(table, { ASSAY_TEST_HOST: '' })).toEqual({ port: 3333, demo: false, host: '127.0.0.1' });
  });

  it('parses what is set', () => {
    expect(parseSettings(table, { ASSAY_TEST_PORT: '0', ASSAY_TEST_DEMO: 'true', ASSAY_TEST_HOST: '::1' })).toEqual({
      port: 0,
      demo: true,
      host: '::1',
    });
  });

  it('names the variable and the value it cannot use', () => {
    expect(() => parseSettings(table, { ASSAY_TEST_PORT: '99999' })).toThrow(/ASSAY_TEST_PORT="99999" cannot be used/);
    for (const port of ['http', ' ', '1.5', '-1', 'NaN', 'true'])
      expect(() => parseSettings(table, { ASSAY_TEST_PORT: port })).toThrow(SettingsError);
    expect(() => parseSettings(table, { ASSAY_TEST_DEMO: 'maybe' })).toThrow(/ASSAY_TEST_DEMO/);
  });

  it('refuses an ASSAY_ variable nobody knows', () => {
    expect(() => refuseUnknownSettings({ ASSAY_TEST_PROT: '1', PATH: '/' }, [table])).toThrow(/ASSAY_TEST_PROT/);
    expect(() => refuseUnknownSettings({ ASSAY_TEST_PORT: '1' }, [table])).not.toThrow();
  });

  it('describes each setting once', () => {
    const text = describeSettings([table, table]);
    expect(text.split('\n')).toHaveLength(5);
    expect(text).toContain('| `ASSAY_TEST_PORT` | `3333` | TCP port. |');
  });
});

describe('secrets', () => {
  const secrets = defineSettings({
    password: secret('ASSAY_TEST_PASSWORD', z.string().max(8, 'too long'), '', 'Its password.'),
  });
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'assay-settings-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('come from the variable or from a file, whose last newline is not part of it', () => {
    const file = join(dir, 'password');
    writeFileSync(file, 'hunter 2\n');
    expect(parseSettings(secrets, { ASSAY_TEST_PASSWORD: 'hunter 1' })).toEqual({ password: 'hunter 1' });
    expect(parseSettings(secrets, { ASSAY_TEST_PASSWORD_FILE: file })).toEqual({ password: 'hunter 2' });
    expect(() => refuseUnknownSettings({ ASSAY_TEST_PASSWORD_FILE: file }, [secrets])).not.toThrow();
    expect(() => refuseUnknownSettings({ ASSAY_TEST_PORT_FILE: file }, [table])).toThrow(/ASSAY_TEST_PORT_FILE/);
  });

  it('are refused from both, and from a file that cannot be read', () => {
    const both = { ASSAY_TEST_PASSWORD: 'a', ASSAY_TEST_PASSWORD_FILE: join(dir, 'b') };
    expect(() => parseSettings(secrets, both)).toThrow(/both set/);
    const missing = { ASSAY_TEST_PASSWORD_FILE: join(dir, 'missing') };
    expect(() => parseSettings(secrets, missing)).toThrow(/ASSAY_TEST_PASSWORD_FILE=.*missing.* cannot be read/);
  });

  it('are not repeated by the message that refuses them', () => {
    const refused = (): unknown => parseSettings(secrets, { ASSAY_TEST_PASSWORD: 'correct horse' });
    expect(refused).toThrow('ASSAY_TEST_PASSWORD cannot be used: too long.');
  });
});
