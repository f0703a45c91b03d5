import { MemoryLiveState, openMemoryEventLog } from '@assay/adapter-memory';
import { ControlLog } from '@assay/control-log';
import { topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { silentLogger } from '@assay/platform';
import type { Actor, ObjectChange } from '@assay/tenancy';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { applyLive, beginLive } from '../sample/sample-farm.ts';
import { WorkerRegistrar } from './worker-registrar.ts';

const TOOL: Actor = { kind: 'system', id: 'test' };
let control: ControlLog;
let live: MemoryLiveState;
const registrars: WorkerRegistrar[] = [];

beforeEach(async () => {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  control = new ControlLog({ log, onWarning: () => undefined });
  live = new MemoryLiveState({ clock: systemClock });
  await beginLive(live, systemClock.nowUs());
});
afterEach(async () => {
  for (const registrar of registrars.splice(0)) await registrar.stop();
  control.close();
});

const start = (): void => {
  registrars.push(new WorkerRegistrar({ control, live, clock: systemClock, logger: silentLogger }));
};
const tenant = (more: object = {}): ObjectChange => ({
  op: 'put',
  kind: 'tenant',
  id: 'acme',
  body: { name: 'Acme', kind: 'hosting', autoRegister: true, ...more },
});
const change = (...changes: readonly ObjectChange[]) => control.change(TOOL, changes);
const entered = (): string[] => [...control.state.all('worker')].map(({ id, body }) => `${id} ${body.standing}`);

/** Connected, and with a share unless said otherwise. */
async function mine(worker: string, hasShare = true, expectedHs?: number): Promise<void> {
  const nowUs = systemClock.nowUs();
  const shared = hasShare ? { lastShareAtUs: nowUs } : {};
  await applyLive(live, [
    { worker, connectedSinceUs: nowUs - 60e6, ...shared, ...(expectedHs === undefined ? {} : { expectedHs }) },
  ]);
}

it.each([
  [true, 'active'],
  [false, 'quarantined'],
])(
  'enters a worker with its first share; its tenant takes whoever comes: %s, so it is %s',
  async (autoRegister, as) => {
    await change(tenant({ autoRegister }));
    await mine('acme.north.m1', true, 1e14);
    await mine('acme.north.m2', false);
    await mine('globex.m1');
    start();
    await vi.waitFor(() => expect(entered()).toEqual([`acme.north.m1 ${as}`]), { timeout: 10_000 });
    // What its password says changes with the password; entered, it would count before that for good.
    expect(control.state.get('worker', 'acme.north.m1')).toMatchObject({
      body: { standing: as, tags: [] },
      changedBy: { kind: 'system' },
    });
    expect(control.state.get('worker', 'acme.north.m1')!.body).not.toHaveProperty('expectedHashRateHs');
  },
);

it('several of them enter each worker once', async () => {
  await change(tenant());
  for (let i = 0; i < 20; i++) await mine(`acme.m${String(i).padStart(2, '0')}`);
  for (let i = 0; i < 3; i++) start();
  await vi.waitFor(() => expect(entered()).toHaveLength(20), { timeout: 10_000 });
  expect([...control.state.all('worker')].map(({ version }) => version)).toEqual(new Array(20).fill(1));
});

it('enters no more than the tenant may have, and everybody of others', async () => {
  await change(tenant({ maxWorkers: 1 }), { ...tenant(), id: 'globex' });
  for (const worker of ['acme.a', 'acme.b', 'acme.c', 'globex.a']) await mine(worker);
  start();
  await vi.waitFor(() => expect(entered()).toHaveLength(2), { timeout: 10_000 });
  expect(entered()).toContain('globex.a active');
});
