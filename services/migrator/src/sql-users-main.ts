// npm run sql-users: users of the ClickHouse server for direct SQL, from the keys in the control log; see --help.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { SQL_USER_PREFIX, sqlUserStatements } from '@assay/analytics';
import { systemClock } from '@assay/kernel';
import { clickHouseSettings, parseSettings } from '@assay/platform';
import { runTool } from './cluster-tool.ts';
import { usersOfKeys } from './sql-users/users-of-keys.ts';

const HELP = `npm run sql-users             prints the statements that make the users
npm run sql-users -- --apply  runs them, and drops the users of keys that are gone

Every API key with the permission sql.read becomes a read-only user assay_key_<id> of the ClickHouse server, whose password is the key. Run it
again when keys, grants or ownerships have changed. Kafka and ClickHouse are found by the settings of the services; ClickHouse's user must have
access_management. See docs/isolation.md.
`;

runTool('sql-users', HELP, async ({ control, env, apply }) => {
  const users = usersOfKeys(control.state, systemClock.nowUs());
  if (apply) await makeUsers(users, env);
  else for (const sql of sqlUserStatements(users)) process.stdout.write(`${sql};\n`);
});

async function makeUsers(users: ReturnType<typeof usersOfKeys>, env: NodeJS.ProcessEnv): Promise<void> {
  const store = createClickHouseStore(parseSettings(clickHouseSettings, env));
  try {
    const existing = await store.query<{ name: string }>(
      'SELECT name FROM system.users WHERE startsWith(name, {prefix:String})',
      { prefix: SQL_USER_PREFIX },
    );
    const statements = sqlUserStatements(
      users,
      existing.map(({ name }) => name),
    );
    for (const sql of statements) await store.command(sql);
    process.stdout.write(`${users.length} users are there, by ${statements.length} statements\n`);
  } finally {
    await store.close();
  }
}
