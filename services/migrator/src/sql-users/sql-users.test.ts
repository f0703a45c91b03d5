// Users for direct SQL of a server. The engine here takes no CREATE USER (it has nowhere to keep one), so that what it can be asked is whether it
// understands each statement; the conditions themselves are tried on it as filters and as row policies of its users file, in the GraphQL gateway's
// row-conditions.prop.test.ts and the embedded server's seen-rows.test.ts. What the statements come to on a server stands in the file beside.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { ROW_RULES, sqlUserStatements } from '@assay/analytics';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { ControlState, type ObjectChange } from '@assay/tenancy';
import { describe, expect, it } from 'vitest';
import { usersOfKeys } from './users-of-keys.ts';

const NOW_US = 1_767_225_600_000_000;
const DAY_US = 86_400e6;

function stateOf(objects: readonly (readonly [string, string, object])[]): ControlState {
  const state = new ControlState();
  const changes: ObjectChange[] = objects.map(([kind, id, body]) => ({ op: 'put', kind, id, body }));
  const record = { type: 'change', request: 'r', by: { kind: 'system', id: 'test' }, changes };
  expect(state.apply(record, NOW_US)).toMatchObject({ applied: true });
  return state;
}

const tenant = (id: string) => ['tenant', id, { name: id, kind: 'hosting', autoRegister: true }] as const;
const key = (id: string, grants: readonly object[], more: object = {}) =>
  [
    'api_key',
    id,
    { name: id, grants, tokenHash: id.padEnd(64, '0'), shown: id, createdAtUs: NOW_US, ...more },
  ] as const;

const STATE = stateOf([
  tenant('acme'),
  tenant('bravo'),
  [
    'user',
    'admin',
    { email: 'a@example.org', name: 'a', grants: [{ role: 'operator_admin', tenant: '*' }], disabled: false },
  ],
  [
    'user',
    'left',
    { email: 'b@example.org', name: 'b', grants: [{ role: 'data_reader', tenant: 'acme' }], disabled: true },
  ],
  ['ownership', 'o', { of: 'bravo.pit', holder: 'acme', fraction: 0.5, fromUs: NOW_US, untilUs: NOW_US + DAY_US }],
  key('a1', [{ role: 'data_reader', tenant: 'acme' }], { expiresAtUs: NOW_US + DAY_US }),
  key('b1', [{ role: 'data_reader', tenant: 'bravo', site: 'bravo.north' }]),
  key('op', [{ role: 'operator_admin', tenant: '*' }]),
  key('expired', [{ role: 'data_reader', tenant: 'acme' }], { expiresAtUs: NOW_US }),
  key('customer', [{ role: 'customer', tenant: 'acme' }]),
  key('narrowed', [{ role: 'data_reader', tenant: 'acme' }], { only: ['fleet.view'] }),
  key('of-left', [], { user: 'left' }),
]);

describe('users for direct SQL', () => {
  it('are those of keys that may read, and hold', () => {
    expect(usersOfKeys(STATE, NOW_US).map(({ id }) => id)).toEqual(['a1', 'b1', 'op']);
    expect(usersOfKeys(STATE, NOW_US + DAY_US).map(({ id }) => id)).toEqual(['b1', 'op']);
  });

  it('are made by these statements', async () => {
    const statements = sqlUserStatements(usersOfKeys(STATE, NOW_US), [
      'assay',
      'default',
      'assay_key_b1',
      'assay_key_gone',
    ]);
    await expect(statements.map((sql) => `${sql};\n`).join('')).toMatchFileSnapshot('../../testdata/sql-users.sql');
  });

  it('have a policy on every table before they may read any, and lose it after they are gone', () => {
    const statements = sqlUserStatements(usersOfKeys(STATE, NOW_US), ['assay_key_gone']);
    for (const id of ['a1', 'b1', 'op']) {
      const granted = statements.findIndex(
        (sql) => sql.startsWith('GRANT assay_sql_reader') && sql.includes(`assay_key_${id}`),
      );
      for (const table of Object.keys(ROW_RULES)) {
        const policy = statements.findIndex((sql) => sql.includes(`assay_key_${id}_rows\` ON assay.${table} `));
        expect(policy).toBeGreaterThanOrEqual(0);
        expect(policy).toBeLessThan(granted);
      }
    }
    expect(statements[0]).toBe('DROP USER IF EXISTS `assay_key_gone`');
  });

  it('are understood by the engine', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'assay-sql-users-'));
    const server = await startEmbeddedClickHouse({ dataDir, port: 0, fsync: false });
    const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
    const trees = new Set<string>();
    for (const sql of sqlUserStatements(usersOfKeys(STATE, NOW_US), ['assay_key_gone'])) {
      const [tree] = await store.query<{ explain: string }>(`EXPLAIN AST ${sql}`);
      trees.add(tree!.explain.replace(/ *\(children \d+\)$/, ''));
    }
    expect([...trees].sort()).toMatchInlineSnapshot(`
      [
        "CREATE ROW POLICY or ALTER ROW POLICY query",
        "CreateQuotaQuery",
        "CreateRoleQuery",
        "CreateSettingsProfileQuery",
        "CreateUserQuery",
        "DROP ROW POLICY query",
        "DROP USER query",
        "GrantQuery",
      ]
    `);
    await expect(store.query('EXPLAIN AST CREATE ROW POLICI x ON y')).rejects.toMatchObject({ code: 'bad_query' });
    await store.close();
    await server.close();
    await rm(dataDir, { recursive: true });
  });
});
