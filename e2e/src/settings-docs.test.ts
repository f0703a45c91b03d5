// docs/settings.md is the settings tables themselves. After a change: npx vitest run --config vitest.e2e.config.ts settings-docs -u
import { migratorSettings } from '@assay/migrator';
import { CLUSTER_SETTINGS, describeSettings, parseSettings, type SettingsTable } from '@assay/platform';
import { ALL_SETTINGS } from '@assay/standalone';
import { gatewayProcessSettings } from '@assay/stratum-gateway';
import { describe, expect, it } from 'vitest';

const INTRODUCTION = `# Settings

Every setting is an environment variable, parsed once at the start. A bad value or an unknown \`ASSAY_\` variable stops the start with a
sentence that names it.

## One process

What \`npm start\` takes: the standalone's own settings and those of every service in it.
`;

const CLUSTER = `## A process per service

Each service takes those of the settings above that are its own (those of the standalone itself, \`ASSAY_DATA_DIR\` and
\`ASSAY_CLICKHOUSE_PORT\`, are nobody's), and all of these, whether it uses them or not, so that one set of variables serves all. The
migrator alone takes \`ASSAY_PARTITIONS\`, \`ASSAY_KAFKA_REPLICATION\`, \`ASSAY_KAFKA_RETENTION_...\` and \`ASSAY_MIGRATE_SECONDS\`, and
the \`..._TTL_DAYS\` above; the gateway alone \`ASSAY_SPOOL_...\` and \`ASSAY_DRAIN_MINERS_...\`. Where a variable is in both tables, the meaning here is the one that holds. A secret can be in a file
instead, which the variable that ends in \`_FILE\` names.
`;

const CLUSTER_TABLES: readonly SettingsTable[] = [...CLUSTER_SETTINGS, gatewayProcessSettings, migratorSettings];

describe('settings', () => {
  it('are documented as they are', async () => {
    const text = [INTRODUCTION, describeSettings(ALL_SETTINGS), '', CLUSTER, describeSettings(CLUSTER_TABLES), ''];
    await expect(text.join('\n')).toMatchFileSnapshot('../../docs/settings.md');
  });

  it('have defaults that parse, and the same default wherever a variable is read twice', () => {
    const defaults = new Map<string, string>();
    for (const table of [...ALL_SETTINGS, ...CLUSTER_TABLES]) {
      expect(() => parseSettings(table, {})).not.toThrow();
      for (const { env, default: fallback } of Object.values(table)) {
        expect(defaults.get(env) ?? fallback).toBe(fallback);
        defaults.set(env, fallback);
      }
    }
  });
});
