// What is known of a machine beyond its shares, on the real store and control log: figures against what they were made of, and what who only
// holds a share of it is not told.
import { ALGORITHMS } from '@assay/mining';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from '../../access/leak-search.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { DIFFICULTY, NOW_US } from '../../sample/sample-farm.ts';
import { EVERY_TENANT, TenantPool, viewer } from '../../sample/tenant-pool.ts';
import { ACME } from '../../sample/tenants-farm.ts';

const MINUTE_US = 60e6;
const AS_ACME = viewer({ role: 'customer', tenant: 'acme' });
const AS_BRAVO = viewer({ role: 'customer', tenant: 'bravo' });
const WORKER = 'acme.north.r1.m1';
/** What it did in the last hour and a half, and what its password says. */
const RATE_HS = (ACME.sharesPerMinute * DIFFICULTY * ALGORITHMS.sha256d.hashesPerDifficulty) / 60;
const SAID_HS = ACME.difficulty * 1e8;
const iso = (us: number): string => new Date(us / 1000).toISOString();

let pool: TenantPool;

beforeAll(async () => {
  pool = await TenantPool.start(EVERY_TENANT);
  const at = (us: number): string => `fromUnixTimestamp64Micro(toInt64(${us}), 'UTC')`;
  const rows = [
    ['acme', WORKER, 40 * 1440, 'authorized', '3', '', SAID_HS / 2],
    ['', '', 300, 'gateway_started', '', '', 0],
    ['acme', WORKER, 280, 'authorized', '7', '', SAID_HS / 2],
    ['', '', 250, 'gateway_started', '', '', 0],
    ['acme', WORKER, 240, 'authorized', '7', '', SAID_HS],
    ['acme', WORKER, 230, 'disconnected', '7', 'idle', 0],
    ['acme', WORKER, 5, 'authorized', '8', '', SAID_HS],
  ] as const;
  // Those of the sample farm say nothing of connections.
  await pool.store.command(
    `ALTER TABLE assay.events DELETE WHERE worker = '${WORKER}' AND type IN ('authorized', 'disconnected') SETTINGS mutations_sync = 1`,
  );
  await pool.store.command(
    `INSERT INTO assay.events (tenant, worker, at, type, id, gateway, connection, remote_address, user_agent, difficulty, reason, expected_hash_rate) VALUES ${rows
      .map(
        ([tenant, worker, minutesAgo, type, connection, reason, rate], i) =>
          `('${tenant}', '${worker}', ${at(NOW_US - minutesAgo * MINUTE_US)}, '${type}', 'worker.events:9:${i}', 'gateway-1', '${connection}', '10.1.0.9', 'miner/1', ${DIFFICULTY}, '${reason}', ${rate})`,
      )
      .join(', ')}`,
  );
}, 120_000);
afterAll(() => pool.stop());

// Tests read answers of any shape; what they expect of them is written in the test.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
async function ask(as: Viewer, selection: string, worker = WORKER): Promise<any> {
  const answer = JSON.parse(
    await answerOf(pool.world(as), `{ worker(name: "${worker}") { ${selection} } fleet { efficiency { workers } } }`),
  ) as { data: { worker: unknown }; errors?: unknown };
  expect(answer.errors).toBeUndefined();
  return answer.data.worker;
}

async function put(kind: 'worker' | 'ownership', id: string, body: object): Promise<void> {
  const by = { kind: 'user', id: 'acme-admin-user' } as const;
  const outcome = await pool.control.change(kind === 'worker' ? by : { kind: 'system', id: 'test' }, [
    { op: 'put', kind, id, body },
  ]);
  if (!outcome.applied) throw new Error(outcome.refusal.message);
}

const CONNECTIONS =
  'connections(first: 2) { nodes { id gateway remoteAddress userAgent difficulty connectedAt endedAt endReason isOpen } pageInfo { hasNextPage endCursor } }';

describe('connections', () => {
  it('are whole: by what ended them, a gateway that began anew included', async () => {
    const { connections } = await ask(AS_ACME, CONNECTIONS);
    expect(connections.nodes).toMatchObject([
      { connectedAt: iso(NOW_US - 5 * MINUTE_US), endedAt: null, endReason: null, isOpen: true },
      {
        gateway: 'gateway-1',
        remoteAddress: '10.1.0.9',
        userAgent: 'miner/1',
        difficulty: DIFFICULTY,
        connectedAt: iso(NOW_US - 240 * MINUTE_US),
        endedAt: iso(NOW_US - 230 * MINUTE_US),
        endReason: 'idle',
        isOpen: false,
      },
    ]);
    expect(connections.pageInfo.hasNextPage).toBe(true);
    const more = await ask(
      AS_ACME,
      CONNECTIONS.replace('first: 2', `first: 2, after: "${connections.pageInfo.endCursor}"`),
    );
    expect(more.connections.nodes).toMatchObject([
      { endedAt: iso(NOW_US - 250 * MINUTE_US), endReason: 'gateway_restarted', isOpen: false },
      // However long ago.
      { connectedAt: iso(NOW_US - 40 * 1440 * MINUTE_US), endedAt: iso(NOW_US - 300 * MINUTE_US), isOpen: false },
    ]);
    expect(more.connections.pageInfo.hasNextPage).toBe(false);
  });

  it('are counted by the day', async () => {
    const date = iso(NOW_US).slice(0, 10);
    expect((await ask(AS_ACME, 'connectsByDay(days: 2) { date count }')).connectsByDay).toEqual([{ date, count: 3 }]);
  });

  it('are asked for within bounds', async () => {
    const codeOf = async (selection: string): Promise<string> =>
      answerOf(pool.world(AS_ACME), `{ worker(name: "${WORKER}") { ${selection} } }`);
    for (const selection of [
      'connections(first: 0) { nodes { id } }',
      'connections(first: 1001) { nodes { id } }',
      'connectsByDay(days: 93) { date }',
      'expectationChanges(first: 101) { id }',
    ])
      expect(await codeOf(selection)).toContain('BAD_USER_INPUT');
    expect(await codeOf('connections(after: "x") { nodes { id } }')).toContain('INVALID_CURSOR');
  });
});

const CHANGES =
  'expectationChanges { at by { kind id } before { expectedHashRate ratedPowerWatts model } after { expectedHashRate ratedPowerWatts model } }';
const SERIES = `series(range: { from: "${iso(NOW_US - 60 * MINUTE_US)}", to: "${iso(NOW_US)}", maxPoints: 60 })`;

describe('what is expected', () => {
  it('is what the password said then, until people enter something', async () => {
    const { expectationChanges, series } = await ask(
      AS_ACME,
      `${CHANGES} ${SERIES} { points { at hashRate expectedHashRate contribution { fraction } } }`,
    );
    // The model and power were entered when the pool was made, which is now.
    expect(expectationChanges.map(({ by }: { by: unknown }) => by)).toEqual([{ kind: 'SYSTEM', id: 'test' }, null]);
    expect(expectationChanges[1]).toMatchObject({
      at: iso(NOW_US - 240 * MINUTE_US),
      before: { expectedHashRate: SAID_HS / 2 },
      after: { expectedHashRate: SAID_HS },
    });
    const [point] = series.points;
    expect(point.expectedHashRate).toBe(SAID_HS);
    expect(point.contribution.fraction).toBeCloseTo(point.hashRate / SAID_HS, 12);
  });

  it('is a line of steps over time, each change with who made it', async () => {
    const entered = { standing: 'active', tags: [], model: 'S21', ratedPowerWatts: 3000 };
    pool.clock.advance(600);
    await put('worker', WORKER, { ...entered, expectedHashRateHs: 2 * RATE_HS });
    pool.clock.advance(600);
    await put('worker', WORKER, { ...entered, expectedHashRateHs: 4 * RATE_HS });
    pool.clock.advance(60);
    const range = SERIES.replace(iso(NOW_US), iso(NOW_US + 20 * MINUTE_US)).replace('maxPoints: 60', 'maxPoints: 200');
    const { series, expectationChanges } = await ask(AS_ACME, `${CHANGES} ${range} { points { at expectedHashRate } }`);
    const values = series.points.map(({ expectedHashRate }: { expectedHashRate: number }) => expectedHashRate);
    expect(new Set(values.slice(0, 69))).toEqual(new Set([SAID_HS]));
    expect(values.slice(71, 79).every((value: number) => value === 2 * RATE_HS)).toBe(true);
    // Of the step in which it was changed, the mean.
    expect(values[80]).toBeGreaterThan(2 * RATE_HS);
    expect(values[80]).toBeLessThanOrEqual(4 * RATE_HS);
    expect(expectationChanges[0]).toMatchObject({
      before: { expectedHashRate: 2 * RATE_HS, ratedPowerWatts: 3000, model: 'S21' },
      after: { expectedHashRate: 4 * RATE_HS },
    });
    const admin = await ask(viewer({ role: 'operator_admin', tenant: 'acme' }), CHANGES);
    expect(admin.expectationChanges[0].by).toEqual({ kind: 'USER', id: 'acme-admin-user' });
  });
});

describe('efficiency', () => {
  it('is rated power over work, now and over a range with its interval', async () => {
    // Power is on record since a moment ago: of the time before nothing is said.
    const before = await ask(AS_ACME, `${SERIES} { efficiency { joulesPerHash } }`);
    expect(before.series.efficiency).toBeNull();
    const { efficiency, hashRate, expectedJoulesPerHash, ratedPowerWatts } = await ask(
      AS_ACME,
      'efficiency(window: M15) { joulesPerHash low high ratedPowerWatts } hashRate(window: M15) { hashRate low high } expectedJoulesPerHash ratedPowerWatts',
    );
    expect(ratedPowerWatts).toBe(3000);
    expect(efficiency).toEqual({
      joulesPerHash: 3000 / hashRate.hashRate,
      low: 3000 / hashRate.high,
      high: 3000 / hashRate.low,
      ratedPowerWatts: 3000,
    });
    expect(expectedJoulesPerHash).toBe(3000 / (4 * RATE_HS));
  });

  it('of all machines together says of how many it speaks', async () => {
    const answer = JSON.parse(
      await answerOf(
        pool.world(AS_ACME),
        '{ fleet { efficiency { joulesPerHash low high expectedJoulesPerHash ratedPowerWatts workers ofWorkers } } }',
      ),
    ) as { data: { fleet: { efficiency: object } } };
    expect(answer.data.fleet.efficiency).toMatchObject({ ratedPowerWatts: 3000, workers: 1, ofWorkers: 3 });
  });
});

describe('who only holds a share of a machine', () => {
  beforeAll(() =>
    put('ownership', 'lease-1', { of: WORKER, holder: 'bravo', fraction: 0.5, fromUs: NOW_US - 60 * MINUTE_US }),
  );

  it('is told neither its power, nor what was expected before, nor where it stands', async () => {
    const seen = await ask(
      AS_BRAVO,
      `ratedPowerWatts efficiency { low } expectedJoulesPerHash expectedHashRate ${CHANGES} ${CONNECTIONS} ${SERIES} { efficiency { low } points { expectedHashRate } }`,
    );
    expect(seen).toMatchObject({
      ratedPowerWatts: null,
      efficiency: null,
      expectedJoulesPerHash: null,
      expectationChanges: null,
      series: { efficiency: null },
    });
    expect(new Set(seen.series.points.map((point: { expectedHashRate: number }) => point.expectedHashRate))).toEqual(
      new Set([null, seen.expectedHashRate]),
    );
    expect(seen.connections.nodes).toMatchObject([
      { connectedAt: iso(NOW_US - 5 * MINUTE_US), remoteAddress: null, userAgent: 'miner/1' },
    ]);
    const { events } = await ask(AS_BRAVO, 'events(first: 10) { detail }');
    expect(events[0].detail).toBe(`Connected with miner/1 at difficulty ${DIFFICULTY}.`);
    expect((await ask(AS_ACME, 'events(first: 10) { detail }')).events[0].detail).toContain('from 10.1.0.9');
    const fleet = await answerOf(pool.world(AS_BRAVO), '{ fleet { efficiency { workers ratedPowerWatts } } }');
    expect(fleet).not.toContain('3000');
  });
});
