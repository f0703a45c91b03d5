// A machine is far away. Its latency stands on its page, whoever has a rule about it is told after the stated minutes, and that it is over
// when it answers quickly again: the whole pool, and real miners over TCP.
import { Farm, type MachineSpec } from '@assay/sim';
import { expect, it, onTestFinished } from 'vitest';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS, PoolProcess } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';
import { configure, put } from './configure.ts';
import { Receivers } from './receivers.ts';

const SEED = 1;
const SHARES_PER_SECOND = 5;
const LINE_MS = 300;
const LIMIT_MS = 250;
const MINUTES = 2;
/** The minute under way, so many minutes, the time until the last of them is closed, and a slow disk. */
const TOLD_WITHIN_MS = 300_000;
const CONNECTED_WITHIN_MS = 30_000;

const LATENCY = `query ($name: String!, $range: RangeInput!) {
  worker(name: $name) { latency { meanMs slowestMs answers } latencySeries(range: $range) { stepSeconds points { meanMs } } }
}`;

interface Latencies {
  readonly latency: { readonly meanMs: number; readonly slowestMs: number; readonly answers: number } | null;
  readonly latencySeries: {
    readonly stepSeconds: number;
    readonly points: readonly { readonly meanMs: number | null }[];
  };
}

async function latenciesOf(pool: PoolProcess, name: string): Promise<Latencies> {
  const now = Date.now();
  const range = { from: new Date(now - 1_200_000).toISOString(), to: new Date(now).toISOString(), maxPoints: 30 };
  return (await pool.graphql<{ worker: Latencies }>(LATENCY, { name, range })).worker;
}

it(
  'a machine that answers late is told of after the stated minutes, and so is its end',
  { timeout: 720_000 },
  async () => {
    const receivers = await Receivers.start();
    onTestFinished(() => receivers.close());
    const pool = await PoolProcess.launch({
      ...LOAD_SETTINGS,
      ...receivers.settings,
      ASSAY_LATENCY_PROBE_SECONDS: '5',
    });
    onTestFinished(() => pool.dispose());
    const [near, other] = loadFarm(2, SHARES_PER_SECOND) as [MachineSpec, MachineSpec];
    const far: MachineSpec = { ...near, lineMs: LINE_MS };
    await configure(pool, (sealer) => [
      ...['tenant0', 'tenant1'].map((id) => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true })),
      ...receivers
        .channels('tenant0', (secret, purpose) => sealer.seal(secret, purpose))
        .map(({ kind, id, body }) => put(kind, id, body)),
      put('alert_rule', 'slow', {
        tenant: 'tenant0',
        name: 'Machines that answer late',
        enabled: true,
        under: [],
        groups: [],
        looksFor: { kind: 'latency_up', limitMs: LIMIT_MS, minutes: MINUTES },
        severity: 'warning',
        forSeconds: 0,
        clearForSeconds: 0,
        steps: [{ afterMinutes: 0, channels: ['chat', 'phone', 'post'], webhooks: [] }],
      }),
    ]);
    const target = { host: '127.0.0.1', port: pool.ports.stratum };
    const others = new Farm([other], target, SEED);
    onTestFinished(() => others.stop());
    const slow = new Farm([far], target, SEED + 1);
    await waitFor('the machines', CONNECTED_WITHIN_MS, () => others.connected + slow.connected === 2);

    await waitFor('the three to tell', TOLD_WITHIN_MS, () => receivers.told.every((messages) => messages.length > 0));
    for (const [message] of receivers.told) expect(message).toContain(far.username);
    const late = await latenciesOf(pool, far.username);
    expect(late.latency!.meanMs).toBeGreaterThanOrEqual(LINE_MS);
    expect(late.latency!.answers).toBeGreaterThanOrEqual(MINUTES);
    expect(late.latencySeries.stepSeconds).toBe(60);
    const measured = late.latencySeries.points.flatMap(({ meanMs }) => meanMs ?? []);
    expect(measured.length).toBeGreaterThanOrEqual(MINUTES);
    for (const meanMs of measured) expect(meanMs).toBeGreaterThan(LIMIT_MS);
    expect((await latenciesOf(pool, other.username)).latency!.meanMs).toBeLessThan(LIMIT_MS);

    slow.stop();
    const back = new Farm([near], target, SEED + 2);
    onTestFinished(() => back.stop());
    await waitFor('the three to tell that it is over', TOLD_WITHIN_MS, () =>
      receivers.told.every((messages) => messages.length > 1),
    );
    expect(receivers.told.map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(
      (await latenciesOf(pool, near.username)).latencySeries.points.some(
        ({ meanMs }) => meanMs !== null && meanMs < LIMIT_MS,
      ),
    ).toBe(true);
  },
);
