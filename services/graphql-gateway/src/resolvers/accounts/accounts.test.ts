// Accounts of tenants on the real store: figures against the shares they were made of, and what each side is told of the other.
import { coinbaseHalves, ALGORITHMS } from '@assay/mining';
import type { ObjectChange, Tenant } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from '../../access/leak-search.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { DIFFICULTY, insertMining, NOW_MINUTE, NOW_US } from '../../sample/sample-farm.ts';
import { EVERY_TENANT, TenantPool, viewer } from '../../sample/tenant-pool.ts';
import { ACME, BRAVO } from '../../sample/tenants-farm.ts';

const HASHES = ALGORITHMS.sha256d.hashesPerDifficulty;
const AS_ACME = viewer({ role: 'customer', tenant: 'acme' });
const AS_BRAVO = viewer({ role: 'customer', tenant: 'bravo' });
const AS_EVERYBODY = viewer({ role: 'operator_admin', tenant: '*' });
const TODAY = new Date(NOW_US / 1000).toISOString().slice(0, 10);

let pool: TenantPool;

beforeAll(async () => {
  pool = await TenantPool.start(EVERY_TENANT);
}, 120_000);
afterAll(() => pool.stop());

async function put(kind: ObjectChange['kind'], id: string, body: unknown): Promise<void> {
  const outcome = await pool.control.change({ kind: 'system', id: 'test' }, [{ op: 'put', kind, id, body }]);
  if (!outcome.applied) throw new Error(outcome.refusal.message);
}

const entry = (more: Partial<Tenant>): Partial<Tenant> => ({
  name: 'Acme Mining',
  kind: 'cloud',
  autoRegister: true,
  ...more,
});

const FIGURES = `
  total { hashes { value low high } promisedHashes contribution { fraction low high } uptime shares { accepted rejected byReason { reason count } } coins { value low high } pricedFraction isComplete }
  days { date from until isWholeDay hashes { value low high } hashRate { hashRate } promisedHashes contribution { fraction } uptime shares { accepted rejected } coins { value } pricedFraction isComplete }`;
const ACCOUNT = `{ tenant name timeZone algorithm contributed { ${FIGURES} } held { id of owner holder fraction from until promisedHashRate figures { ${FIGURES} } } given { id of holder figures { ${FIGURES} } } network { date difficulty lowestDifficulty highestDifficulty reward fees } missing }`;

// Tests read answers of any shape; what they expect of them is written in the test.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
async function account(as: Viewer, tenant: string, args = ''): Promise<any> {
  const answer = JSON.parse(await answerOf(pool.world(as), `{ account(tenant: "${tenant}"${args}) ${ACCOUNT} }`)) as {
    data: { account: unknown };
    errors?: unknown;
  };
  expect(answer.errors).toBeUndefined();
  return answer.data.account;
}

/** Shares of the first `minutes` of the last hour and a half that a worker of a tenant mined. */
const workOf = (sharesPerMinute: number, index: number, minutes: number): number =>
  (sharesPerMinute + 2 * index) * DIFFICULTY * minutes;

describe('an account', () => {
  it('counts all work of the tenant’s own machines, exactly', async () => {
    const { contributed, held, given, timeZone, name } = await account(AS_ACME, 'acme', ', days: 2');
    const work = [0, 1, 2].reduce((sum, i) => sum + workOf(ACME.sharesPerMinute, i, 90), 0);
    expect(contributed.total.hashes.value).toBe(work * HASHES);
    expect(contributed.days.map((day: { date: string }) => day.date).at(-1)).toBe(TODAY);
    expect(contributed.total.shares).toEqual({
      accepted: 90 * (6 + 8 + 10),
      rejected: 90 * 9,
      byReason: [{ reason: 'stale', count: 90 * 9 }],
    });
    // Up in every minute since its first share.
    expect(contributed.total.uptime).toBe(1);
    const [row] = await pool.store.query<{ raw: number }>(
      "SELECT toFloat64(sum(work)) AS raw FROM assay.rollup_1m WHERE tenant = 'acme'",
    );
    expect(contributed.total.hashes.value).toBe(row!.raw * HASHES);
    // It holds a part of its own hall from now on, which changes nothing of whose it is.
    expect(held.map(({ id }: { id: string }) => id)).toEqual(['acme-lease']);
    expect({ given, timeZone, name }).toEqual({ given: [], timeZone: 'UTC', name: 'acme' });
  });

  it('is of days as the tenant’s time zone has them, in the middle of an hour too', async () => {
    // Midnight in Kathmandu is 18:15 UTC of the day before. Ten minutes on either side of it.
    const midnightMinute = Math.floor(NOW_MINUTE / 1440) * 1440 - 1440 + 18 * 60 + 15;
    const worker = 'kathmandu.hall.m1';
    await put('tenant', 'kathmandu', entry({ name: 'Kathmandu', timeZone: 'Asia/Kathmandu' }));
    await insertMining(pool.store, [
      { worker, fromMinute: midnightMinute - 10, toMinute: midnightMinute, accepted: 2 },
      { worker, fromMinute: midnightMinute, toMinute: midnightMinute + 10, accepted: 6 },
    ]);
    const { contributed, timeZone } = await account(AS_EVERYBODY, 'kathmandu', ', days: 2');
    expect(timeZone).toBe('Asia/Kathmandu');
    expect(contributed.days.map((day: { shares: { accepted: number } }) => day.shares.accepted)).toEqual([20, 60]);
    expect(Date.parse(contributed.days[1].from)).toBe(midnightMinute * 60e3);
    expect(contributed.days[1].isWholeDay).toBe(false);
    expect(contributed.days.map((day: { hashes: { value: number } }) => day.hashes.value)).toEqual([
      20 * DIFFICULTY * HASHES,
      60 * DIFFICULTY * HASHES,
    ]);
  });

  it('refuses what is no range, and answers nothing to who does not see all of the tenant', async () => {
    const ask = async (as: Viewer, args: string): Promise<string> =>
      answerOf(pool.world(as), `{ account(${args}) { tenant } }`);
    for (const args of ['from: "2026-02-30"', 'from: "yesterday"', 'days: 0', 'days: 94'])
      expect(await ask(AS_ACME, `tenant: "acme", ${args}`)).toContain('BAD_USER_INPUT');
    for (const as of [AS_BRAVO, viewer({ role: 'site_manager', tenant: 'acme', site: 'acme.north' }), viewer()])
      expect(await ask(as, 'tenant: "acme", days: 0')).toBe('{"data":{"account":null}}');
    expect(await ask(AS_EVERYBODY, 'tenant: "nobody"')).toBe('{"data":{"account":null}}');
  });
});

describe('what is held', () => {
  const RACK = 'bravo.deep.r7';
  const sharesOf = (minutes: number): number => minutes * (BRAVO.sharesPerMinute + 2 + (BRAVO.sharesPerMinute + 4));

  beforeAll(async () => {
    // Half of a rack of two machines, of the last hour only, and from half a minute past on: the first whole minute counts.
    await put('ownership', 'lease-1', {
      of: RACK,
      holder: 'acme',
      fraction: 0.5,
      fromUs: NOW_US - 60 * 60e6,
      promisedHashRateHs: 1e12,
      note: 'what bravo notes for itself',
    });
  });

  it('is shown per day with what was promised for the same minutes', async () => {
    const { held } = await account(AS_ACME, 'acme', ', days: 2');
    const [{ figures, ...lease }] = held;
    expect(lease).toEqual({
      id: 'lease-1',
      of: RACK,
      owner: 'bravo',
      holder: 'acme',
      fraction: 0.5,
      from: new Date(NOW_US / 1000 - 3600e3).toISOString(),
      until: null,
      promisedHashRate: 1e12,
    });
    expect(figures.days).toHaveLength(1);
    const [day] = figures.days;
    // 11:01 to 12:00 of twelve o'clock and a half minute.
    expect((Date.parse(day.until) - Date.parse(day.from)) / 60e3).toBe(59);
    expect(day.shares.accepted).toBe(sharesOf(59));
    expect(day.hashes.value).toBe(0.5 * sharesOf(59) * DIFFICULTY * HASHES);
    expect(day.promisedHashes).toBe(59 * 60 * 1e12);
    expect(day.contribution.fraction).toBeCloseTo(day.hashes.value / day.promisedHashes, 12);
    expect(figures.total.hashes.low).toBeLessThan(day.hashes.value);
    // Of the one whole hour there is none: it began within it.
    expect(figures.total.isComplete).toBe(true);
  });

  it('is the same to the holder, the owner and the operator', async () => {
    const [{ figures: held }] = (await account(AS_ACME, 'acme', ', days: 2')).held;
    const [{ figures: given }] = (await account(AS_BRAVO, 'bravo', ', days: 2')).given;
    const [{ figures: overseen }] = (await account(AS_EVERYBODY, 'acme', ', days: 2')).held;

    expect(given).toEqual(held);
    expect(overseen).toEqual(held);
  });

  it('moves from what the owner contributes to what the holder does', async () => {
    const acme = (await account(AS_ACME, 'acme', ', days: 2')).contributed.total;
    const bravo = (await account(AS_BRAVO, 'bravo', ', days: 2')).contributed.total;
    const ofAcme = [0, 1, 2].reduce((sum, i) => sum + workOf(ACME.sharesPerMinute, i, 90), 0);
    const ofBravo = [0, 1, 2, 3].reduce((sum, i) => sum + workOf(BRAVO.sharesPerMinute, i, 90), 0);
    const moved = 0.5 * sharesOf(59) * DIFFICULTY;
    expect(acme.hashes.value).toBe((ofAcme + moved) * HASHES);
    expect(bravo.hashes.value).toBe((ofBravo - moved) * HASHES);
  });

  it('tells nothing of the owner’s other machines and other times, nor what the owner notes', async () => {
    const before = await account(AS_ACME, 'acme', ', days: 31');
    expect(JSON.stringify(before)).not.toContain('notes for itself');
    await insertMining(pool.store, [
      { worker: 'bravo.deep.r7.unit-77', fromMinute: NOW_MINUTE - 3000, toMinute: NOW_MINUTE - 2000, accepted: 8 },
      { worker: 'bravo.deep.r70.unit-1', fromMinute: NOW_MINUTE - 40, toMinute: NOW_MINUTE, accepted: 8 },
      { worker: 'bravo.pit.r2.m4', fromMinute: NOW_MINUTE - 40, toMinute: NOW_MINUTE, accepted: 8 },
    ]);
    // Accounts are kept for a minute, unless what is entered changes.
    await put('tenant', 'kathmandu', entry({ name: 'Kathmandu', timeZone: 'Asia/Kathmandu' }));
    expect(await account(AS_ACME, 'acme', ', days: 31')).toEqual(before);
    const bravo = await account(AS_BRAVO, 'bravo', ', days: 31');
    expect(bravo.contributed.total.shares.accepted).toBeGreaterThan(8 * 1000);
  });
});

describe('the estimate at FPPS', () => {
  const price = { difficulty: 1e14, coins: 3.2 };

  beforeAll(async () => {
    await pool.store.command('TRUNCATE TABLE assay.jobs');
    const { coinbase1, coinbase2 } = coinbaseHalves({
      height: 900_000,
      jobNonce: new Uint8Array(8),
      extranonceSize: 8,
      tag: 'assay',
      outputs: [{ value: 320_000_000n, script: new Uint8Array(22) }],
    });
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    await pool.store.command(
      `INSERT INTO assay.jobs (hash, algorithm, nbits, network_difficulty, coinbase1, coinbase2, first_seen)
       VALUES ('aa', 'sha256d', '17000000', ${price.difficulty}, '${hex(coinbase1)}', '${hex(coinbase2)}', fromUnixTimestamp64Micro(${NOW_US - 3 * 3600e6}, 'UTC'))`,
    );
    pool.clock.advance(601);
  });

  it('is work over difficulty times what a block pays, as by hand', async () => {
    const { held, network } = await account(AS_ACME, 'acme', ', days: 2');
    const [{ figures }] = held;
    // 59 minutes of 74 shares a minute of difficulty 1024, half of them: 2,235,392 difficulty in all, of 10^14 a block, at 3.2 coins a block.
    expect(figures.total.coins.value).toBeCloseTo((2_235_392 / 1e14) * 3.2, 15);
    expect(figures.total.coins.low / figures.total.coins.value).toBeCloseTo(
      figures.total.hashes.low / figures.total.hashes.value,
      12,
    );
    expect(figures.total.pricedFraction).toBe(1);
    expect(network.at(-1)).toMatchObject({ date: TODAY, difficulty: 1e14 });
    expect(network.at(-1).reward).toBeCloseTo(3.2, 12);
    expect(network.at(-1).fees).toBeCloseTo(0.075, 12);
  });

  it('is for who may see money only', async () => {
    const { held, contributed } = await account(viewer({ role: 'technician', tenant: 'acme' }), 'acme', ', days: 2');
    expect(held[0].figures.total.coins).toBeNull();
    expect(contributed.days.every(({ coins }: { coins: unknown }) => coins === null)).toBe(true);
  });
});
