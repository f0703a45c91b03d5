// The configuration of a pool that runs, written as services write it: into its log.
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { ControlLog } from '@assay/control-log';
import { systemClock } from '@assay/kernel';
import { Sealer, secretsKeyFile } from '@assay/platform';
import type { Actor, ObjectChange } from '@assay/tenancy';
import { expect } from 'vitest';
import type { PoolProcess } from '../harness/pool-process.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };

export const put = (kind: string, id: string, body: unknown): ObjectChange => ({ op: 'put', kind, id, body });

export async function configure(
  pool: PoolProcess,
  changes: (sealer: Sealer) => readonly ObjectChange[],
): Promise<void> {
  const log = await openLmdbEventLog({ dir: join(pool.dataDir, 'log'), clock: systemClock });
  const control = new ControlLog({ log, onWarning: () => undefined });
  try {
    const sealer = new Sealer([secretsKeyFile(join(pool.dataDir, 'secrets.key'))]);
    expect(await control.change(TOOL, changes(sealer))).toMatchObject({ applied: true });
  } finally {
    control.close();
    await log.close();
  }
}
