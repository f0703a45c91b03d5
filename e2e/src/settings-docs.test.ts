// docs/settings.md is the settings tables themselves. After a change: npx vitest run --config vitest.e2e.config.ts settings-docs -u
import { describeSettings, parseSettings } from '@assay/platform';
import { ALL_SETTINGS } from '@assay/standalone';
import { describe, expect, it } from 'vitest';

const INTRODUCTION = `# Settings

Every setting is an environment variable, parsed once at the start. A bad value or an unknown \`ASSAY_\` variable stops the start with a
sentence that names it.
`;

describe('settings', () => {
  it('are documented as they are', async () => {
    await expect(`${INTRODUCTION}\n${describeSettings(ALL_SETTINGS)}\n`).toMatchFileSnapshot('../../docs/settings.md');
  });

  it('have defaults that parse, and the same default wherever a variable is read twice', () => {
    const defaults = new Map<string, string>();
    for (const table of ALL_SETTINGS) {
      expect(() => parseSettings(table, {})).not.toThrow();
      for (const { env, default: fallback } of Object.values(table)) {
        expect(defaults.get(env) ?? fallback).toBe(fallback);
        defaults.set(env, fallback);
      }
    }
  });
});
