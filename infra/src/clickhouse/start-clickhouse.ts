// ClickHouse's HTTP interface on loopback, as a child process that can be killed and comes back on its own port and data.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../free-ports.ts';
import { ManagedProcess } from '../managed-process.ts';
import { CLICKHOUSE_OPTIONS, READY, type ClickHouseProcessOptions } from './process-options.ts';

/** The built file, also when this one runs from its source. */
const MAIN = fileURLToPath(new URL('../../dist/clickhouse/clickhouse-process.js', import.meta.url));

export interface ClickHouseServer {
  readonly url: string;
  readonly port: number;
  /** Who may write. Anyone may read `assay` as user `default` without a password. */
  readonly username: string;
  readonly password: string;
  readonly process: ManagedProcess;
  stop(): Promise<void>;
}

/** @param dir where the data is and where it is found again; created when missing */
export async function startClickHouse(options: {
  readonly dir: string;
  /** A free one by default. */
  readonly port?: number;
}): Promise<ClickHouseServer> {
  await mkdir(options.dir, { recursive: true });
  const port = options.port ?? (await freePorts(1))[0]!;
  const username = 'assay';
  const password = randomBytes(24).toString('base64url');
  const told: ClickHouseProcessOptions = { dataDir: join(options.dir, 'data'), port, username, password };
  const server = new ManagedProcess({
    name: 'clickhouse',
    command: process.execPath,
    args: ['--enable-source-maps', MAIN],
    env: { [CLICKHOUSE_OPTIONS]: JSON.stringify(told) },
    isReady: (output) => output.includes(READY),
  });
  await server.start();
  const stop = async (): Promise<void> => void (await server.stop());
  return { url: `http://127.0.0.1:${port}`, port, username, password, process: server, stop };
}
