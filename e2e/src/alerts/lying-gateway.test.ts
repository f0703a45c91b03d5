// A gateway accepts shares that prove nothing. The validator finds out, and whoever runs the pool is told, by name of the gateway, and that it is
// over when nothing more comes: the whole pool, with one block from a gateway that is none of it.
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { TOPIC } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { encodeSubmitted } from '@assay/share-block';
import { randomBlocks } from '@assay/sim';
import { expect, it, onTestFinished } from 'vitest';
import { PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { configure, put } from './configure.ts';
import { Receivers } from './receivers.ts';

const GATEWAY = 'edge-7';
const SHARES = 25;
const TOLD_WITHIN_MS = 60_000;
/** A minute of quiet, and the time to tell. */
const OVER_WITHIN_MS = 150_000;

/** A block of shares that are well formed and were never mined, all of them accepted. */
async function lie(pool: PoolProcess): Promise<void> {
  const options = {
    random: new Random(7),
    gateway: GATEWAY,
    workers: ['tenant0.site0.m1'],
    rejected: 0,
    late: 0,
    latestUs: 0,
  };
  const block = randomBlocks({ ...options, algorithms: ['sha256d'], difficulties: [64] }).next(
    systemClock.nowUs(),
    SHARES,
  );
  const log = await openLmdbEventLog({ dir: join(pool.dataDir, 'log'), clock: systemClock });
  await log.append(TOPIC.sharesSubmitted, [{ value: encodeSubmitted(block) }], 0).finally(() => log.close());
}

it('a gateway that lies is told of by name, and that it stopped', { timeout: 400_000 }, async () => {
  const receivers = await Receivers.start();
  onTestFinished(() => receivers.close());
  const pool = await PoolProcess.launch(receivers.settings);
  onTestFinished(() => pool.dispose());
  await configure(pool, (sealer) => [
    put('tenant', 'tenant0', { name: 'tenant0', kind: 'hosting', autoRegister: true }),
    ...receivers
      .channels('*', (secret, purpose) => sealer.seal(secret, purpose))
      .map(({ kind, id, body }) => put(kind, id, body)),
    put('alert_rule', 'gateways', {
      tenant: '*',
      name: 'Gateways that are disagreed with',
      enabled: true,
      under: [],
      groups: [],
      looksFor: { kind: 'integrity', minutes: 1 },
      severity: 'critical',
      forSeconds: 0,
      clearForSeconds: 0,
      steps: [{ afterMinutes: 0, channels: ['chat', 'phone', 'post'], webhooks: [] }],
    }),
  ]);
  await lie(pool);

  await waitFor('the three to tell', TOLD_WITHIN_MS, () => receivers.told.every((messages) => messages.length > 0));
  for (const [message] of receivers.told) expect(message).toContain(GATEWAY);
  const { events } = await pool.graphql<{ events: { nodes: readonly object[] } }>(
    '{ events(types: [INTEGRITY]) { nodes { type tenant worker gateway detail } } }',
  );
  expect(events.nodes).toEqual([
    {
      type: 'INTEGRITY',
      tenant: null,
      worker: null,
      gateway: GATEWAY,
      detail: `Validators rejected ${SHARES} shares that gateway ${GATEWAY} had accepted: low_difficulty.`,
    },
  ]);
  const { alerts } = await pool.graphql<{ alerts: { nodes: readonly object[] } }>(
    '{ alerts(first: 10) { nodes { kind severity state } } }',
  );
  expect(alerts.nodes).toEqual([{ kind: 'INTEGRITY', severity: 'CRITICAL', state: 'FIRING' }]);

  await waitFor('the three to tell that it is over', OVER_WITHIN_MS, () =>
    receivers.told.every((messages) => messages.length > 1),
  );
  expect(receivers.told.map(({ length }) => length)).toEqual([2, 2, 2]);
});
