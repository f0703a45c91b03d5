// A machine stops. Slack, Telegram and mail tell of it, and of its return: the whole pool, real miners over TCP, and real receivers of each kind.
import { Farm } from '@assay/sim';
import { expect, it, onTestFinished } from 'vitest';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { configure, put } from './configure.ts';
import { Receivers } from './receivers.ts';

const SEED = 1;
const SHARES_PER_SECOND = 5;
/** Its minute has to be over, a minute of silence to pass, and the disk may be slow. */
const TOLD_WITHIN_MS = 240_000;
const CONNECTED_WITHIN_MS = 30_000;

it(
  'a machine that stops is told of in Slack, Telegram and by mail, and so is its return',
  { timeout: 600_000 },
  async () => {
    const receivers = await Receivers.start();
    onTestFinished(() => receivers.close());
    const pool = await PoolProcess.launch({ ...LOAD_SETTINGS, ...receivers.settings });
    onTestFinished(() => pool.dispose());
    const [failing, ...steady] = loadFarm(4, SHARES_PER_SECOND) as [ReturnType<typeof loadFarm>[number]];
    const tenants = ['tenant0', 'tenant1', 'tenant2'];
    const worker = failing.username;
    await configure(pool, (sealer) => [
      ...tenants.map((id) => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true })),
      ...receivers
        .channels('tenant0', (secret, purpose) => sealer.seal(secret, purpose))
        .map(({ kind, id, body }) => put(kind, id, body)),
      put('alert_rule', 'offline', {
        tenant: 'tenant0',
        name: 'Machines that are gone',
        enabled: true,
        under: [],
        groups: [],
        looksFor: { kind: 'offline', disconnectedMinutes: 1 },
        severity: 'critical',
        forSeconds: 0,
        clearForSeconds: 0,
        steps: [{ afterMinutes: 0, channels: ['chat', 'phone', 'post'], webhooks: [] }],
      }),
    ]);

    const target = { host: '127.0.0.1', port: pool.ports.stratum };
    const others = new Farm(steady, target, SEED);
    onTestFinished(() => others.stop());
    const machine = new Farm([failing], target, SEED + 1);
    await waitFor('the machines', CONNECTED_WITHIN_MS, () => others.connected + machine.connected === 4);
    await waitFor('a share on record', CONNECTED_WITHIN_MS, async () => {
      const [row] = await pool.sql<{ n: string }>('SELECT count() AS n FROM shares WHERE worker = {worker:String}', {
        worker,
      });
      return Number(row?.n) > 0;
    });
    machine.stop();

    await waitFor('the three to tell', TOLD_WITHIN_MS, () => receivers.told.every((messages) => messages.length > 0));
    for (const [message] of receivers.told) expect(message).toContain(worker);
    // Nobody else is in trouble.
    for (const messages of receivers.told)
      for (const { username } of steady) expect(messages.join()).not.toContain(username);

    const back = new Farm([failing], target, SEED + 2);
    onTestFinished(() => back.stop());
    await waitFor('the three to tell of its return', TOLD_WITHIN_MS, () =>
      receivers.told.every((messages) => messages.length > 1),
    );
    expect(receivers.told.map(({ length }) => length)).toEqual([2, 2, 2]);
    const ready = (await (await fetch(`${pool.url}/readyz`)).json()) as { checks: Record<string, string> };
    expect(Object.entries(ready.checks).filter(([, state]) => state !== 'ok')).toEqual([]);
  },
);
