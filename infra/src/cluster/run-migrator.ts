// Runs the migrator to its end, as an orchestrator's job does before the services start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { serviceMain } from './service-process.ts';

/** Rejects with what it said when it fails. */
export async function runMigrator(
  connections: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_')));
  const child = spawn(process.execPath, ['--enable-source-maps', serviceMain('migrator')], {
    env: { ...inherited, ...connections, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the migrator failed:\n${said}`);
}
