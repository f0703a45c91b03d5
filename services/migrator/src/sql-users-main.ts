// npm run sql-users: users of the ClickHouse server for direct SQL, from the keys in the control log; see --help.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { openKafkaEventLog } from '@assay/adapter-kafka';
import { SQL_USER_PREFIX, sqlUserStatements } from '@assay/analytics';
import { ControlLog } from '@assay/control-log';
import { systemClock } from '@assay/kernel';
import { clickHouseSettings, kafkaConnection, kafkaSettings, parseSettings } from '@assay/platform';
import { usersOfKeys } from './sql-users/users-of-keys.ts';

const HELP = `npm run sql-users             prints the statements that make the users
npm run sql-users -- --apply  runs them, and drops the users of keys that are gone

Every API key with the permission sql.read becomes a read-only user assay_key_<id> of the ClickHouse server, whose password is the key. Run it
again when keys, grants or ownerships have changed. Kafka and ClickHouse are found by the settings of the services; ClickHouse's user must have
access_management. See docs/isolation.md.
`;
const CONTROL_WAIT_MS = 60_000;

const warn = (message: string): void => void process.stderr.write(`sql-users: ${message}\n`);

async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  if (args.some((arg) => arg !== '--apply')) {
    process.stderr.write(HELP);
    return 2;
  }
  const kafka = kafkaConnection(parseSettings(kafkaSettings, env));
  const log = await openKafkaEventLog({ ...kafka, clientId: 'assay-sql-users', clock: systemClock, onWarning: warn });
  const control = new ControlLog({ log, onWarning: warn });
  try {
    if (!(await control.caughtUpWithin(CONTROL_WAIT_MS)))
      throw new Error(`the control log could not be read within ${CONTROL_WAIT_MS / 1000} s`);
    const users = usersOfKeys(control.state, systemClock.nowUs());
    if (args.includes('--apply')) await apply(users, env);
    else
      process.stdout.write(
        sqlUserStatements(users)
          .map((sql) => `${sql};\n`)
          .join(''),
      );
    return 0;
  } finally {
    control.close();
    await log.close();
  }
}

async function apply(users: ReturnType<typeof usersOfKeys>, env: NodeJS.ProcessEnv): Promise<void> {
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

main(process.argv.slice(2), process.env).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    warn(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  },
);
