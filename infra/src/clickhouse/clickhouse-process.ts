// The embedded ClickHouse as a server of its own: this process starts the engine's process, restarts it when it fails, and ends it, also
// when it is killed itself. What it serves comes as JSON in one variable, since a command line can be read by everyone on the machine.
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { createLogger } from '@assay/platform';
import { CLICKHOUSE_OPTIONS, READY, type ClickHouseProcessOptions } from './process-options.ts';

const { dataDir, port, username, password } = JSON.parse(process.env[CLICKHOUSE_OPTIONS]!) as ClickHouseProcessOptions;
const server = await startEmbeddedClickHouse({
  dataDir,
  port,
  users: { inside: { username, password } },
  logger: createLogger('clickhouse', 'warn'),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void server.close().then(() => process.exit(0)));
process.stdout.write(`${READY}\n`);
