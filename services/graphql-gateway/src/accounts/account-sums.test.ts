// Uptime and sums of an account as they are read, in columns, from the sums of sites and from what was kept, against the straightforward way: every row
// of every machine, one by one.
import { Random } from '@assay/kernel';
import { Registry } from '@assay/platform';
import {
  addUptime,
  cutsOf,
  daySpan,
  heldSpan,
  hoursIn,
  hoursWithin,
  localDays,
  overlap,
  placesOf,
  type ActiveHour,
  type Holding,
  type LocalDay,
  type Span,
  type UptimeSums,
} from '@assay/settlement';
import { EVERYTHING, isUnder, tenantOf } from '@assay/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayMetrics } from '../metrics.ts';
import { placeSums } from '../queries/place-sums.ts';
import { REASONS, SHARE_SUMS } from '../queries/rollup-sums.ts';
import { StoreReader, type RowReader } from '../queries/store-reader.ts';
import { insertHours, randomMachine } from '../sample/random-hours.ts';
import { NOW_MINUTE, NOW_US } from '../sample/sample-farm.ts';
import { startSampleStore, type SampleStore } from '../sample/sample-store.ts';
import { accountUptimes, type UptimeByDay } from './account-uptime.ts';
import { KeptHours } from './kept-hours.ts';

const SEED = 7;
const DAYS = 4;
/** Two tenants; the last worker moved to another site in between. */
const WORKERS = [
  ...Array.from({ length: 16 }, (_, i) => `acme.s${i % 3}.r${i % 4}.m${i}`),
  ...Array.from({ length: 8 }, (_, i) => `bravo.s${i % 2}.r${i % 3}.m${i}`),
  'bravo.alone',
  'acme.s9.r1.m1',
];
const KIND = { tenant: 'acme', algorithm: 'sha256d' } as const;

let sample: SampleStore;
let reader: RowReader;
const random = new Random(SEED);

beforeAll(async () => {
  sample = await startSampleStore();
  const limits = { maxConcurrent: 4, maxExecutionSeconds: 30 };
  reader = new StoreReader(sample.store, limits, new GatewayMetrics(new Registry())).for(EVERYTHING);
  for (const worker of WORKERS) {
    const minutes = randomMachine(random, NOW_MINUTE, 24 * (DAYS + 1));
    const [of, until] = worker === 'acme.s9.r1.m1' ? [NOW_MINUTE - 2000, NOW_MINUTE] : [0, NOW_MINUTE - 30];
    await insertHours(
      sample.store,
      worker,
      minutes.filter(({ minute }) => minute >= of && minute < until),
    );
    // In nobody's account: another algorithm.
    if (random.chance(0.2)) await insertHours(sample.store, worker, randomMachine(random, NOW_MINUTE, 3), 'scrypt');
  }
}, 120_000);
afterAll(() => sample.stop());

/** From any moment to any other, many within a day, some without an end, of whole tenants, sites, racks and machines. */
function randomHoldings(count: number): Holding[] {
  return Array.from({ length: count }, (_, i) => {
    const worker = WORKERS[random.below(WORKERS.length)]!;
    const names = worker.split('.');
    const of = names.slice(0, 1 + random.below(names.length)).join('.');
    const fromUs = NOW_US - random.below(DAYS * 86_400) * 1e6;
    const untilUs = random.chance(0.3) ? undefined : fromUs + random.below(40 * 3600) * 1e6;
    const holder = tenantOf(of) === 'bravo' || random.chance(0.2) ? 'acme' : 'bravo';
    const said = { promisedHashRateHs: undefined, expectedHashRateHs: undefined };
    return { id: `h${i}`, of, holder, fraction: 0.25, fromUs, ...(untilUs === undefined ? {} : { untilUs }), ...said };
  });
}

interface HourRow {
  readonly name: string;
  readonly hour: number;
  readonly accepted: number;
  readonly low: number;
  readonly high: number;
}

const EVERY_HOUR = {
  name: 'every_hour',
  sql: `SELECT toString(r.worker) AS name, toUInt32(intDiv(toUnixTimestamp(r.at), 3600)) AS hour, toFloat64(sum(r.accepted)) AS accepted,
      toUInt32(bitAnd(groupBitOr(r.active_minutes), 4294967295)) AS low, toUInt32(bitShiftRight(groupBitOr(r.active_minutes), 32)) AS high
    FROM assay.rollup_1h AS r WHERE algorithm = 'sha256d' GROUP BY name, hour HAVING low + high > 0 ORDER BY name, hour`,
};

/** Every hour of every machine, minute by minute, for each of its spans. */
async function plainUptime(
  days: readonly LocalDay[],
  spansOf: (worker: string) => readonly Span[],
): Promise<UptimeByDay> {
  const sums = days.map((): UptimeSums => ({ up: 0, decided: 0 }));
  const [from, until] = [daySpan(days[0]!).fromSeconds, daySpan(days.at(-1)!).untilSeconds];
  const rows = (await reader.rows<HourRow>(EVERY_HOUR, {})).filter(
    ({ hour }) => hour >= Math.floor(from / 3600) && hour * 3600 < until,
  );
  for (const worker of new Set(rows.map(({ name }) => name))) {
    const own = rows.filter(({ name }) => name === worker);
    const hours = own.map(({ hour, low, high }): ActiveHour => ({ hourMinute: hour * 60, low, high }));
    const accepted = own.reduce((sum, row) => sum + row.accepted, 0);
    const minutes = own.reduce((sum, { low, high }) => sum + bitsOf(low) + bitsOf(high), 0);
    for (const span of spansOf(worker)) {
      const parts = days.flatMap((day, i) => {
        const part = overlap(daySpan(day), span);
        return part === undefined ? [] : [{ part, sum: sums[i]! }];
      });
      const within = hoursWithin(hours, span);
      const part = hoursIn(within) / hoursIn(hours);
      addUptime(
        { hours: within, accepted: accepted * part, minutes: minutes * part },
        parts.map(({ part }) => part),
        NOW_MINUTE,
        parts.map(({ sum }) => sum),
      );
    }
  }
  const up = sums.reduce((sum, one) => sum + one.up, 0);
  const decided = sums.reduce((sum, one) => sum + one.decided, 0);
  const known = days.flatMap(({ date }, i) =>
    sums[i]!.decided === 0 ? [] : [[date, sums[i]!.up / sums[i]!.decided] as const],
  );
  return { days: new Map(known), total: decided === 0 ? undefined : up / decided };
}

function bitsOf(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}

function wholeHours(holding: Holding): Span {
  const { fromSeconds, untilSeconds } = heldSpan(holding);
  return { fromSeconds: Math.ceil(fromSeconds / 3600) * 3600, untilSeconds: Math.floor(untilSeconds / 3600) * 3600 };
}

/** Hours in which any of the spans holds, as spans of an hour each joined to those before. */
function union(spans: readonly Span[], until: number): Span[] {
  const joined: Span[] = [];
  const first = Math.min(...spans.map(({ fromSeconds }) => fromSeconds));
  for (let at = first; at < until; at += 3600) {
    if (!spans.some((span) => span.fromSeconds <= at && at < span.untilSeconds)) continue;
    const last = joined.at(-1);
    if (last?.untilSeconds === at) joined[joined.length - 1] = { ...last, untilSeconds: at + 3600 };
    else joined.push({ fromSeconds: at, untilSeconds: at + 3600 });
  }
  return joined;
}

const daysIn = (timeZone: string): LocalDay[] =>
  localDays(new Date(NOW_US / 1000 - (DAYS - 1) * 86_400_000).toISOString().slice(0, 10), DAYS, timeZone);

function asked(days: readonly LocalDay[], holdings: readonly Holding[], timeZone: string) {
  const range = { timeZone, days };
  const places = placesOf('acme', holdings);
  const from = { store: reader, visibilityKey: EVERYTHING.key, machines: new Map([['acme', 16]]) };
  return { ...KIND, range, holdings, places, nowUs: NOW_US, ...from };
}

describe('the uptime of an account', () => {
  it.each(['UTC', 'Asia/Kathmandu', 'America/New_York', 'Australia/Lord_Howe'])(
    'is what the minutes of each machine come to, also from what was kept, also when shares come late: %s',
    async (timeZone) => {
      const days = daysIn(timeZone);
      const holdings = randomHoldings(8);
      const kept = new KeptHours();
      const end = daySpan(days.at(-1)!).untilSeconds + 7200;
      const expectSame = async (): Promise<void> => {
        const uptimes = (await accountUptimes(kept, asked(days, holdings, timeZone)))!;
        for (const holding of holdings) {
          const own = await plainUptime(days, (worker) => (isUnder(worker, holding.of) ? [wholeHours(holding)] : []));
          expect(uptimes.byHolding.get(holding.id)).toEqual(own);
        }
        const all = await plainUptime(days, (worker) => {
          if (tenantOf(worker) === 'acme') return [{ fromSeconds: 0, untilSeconds: Infinity }];
          const held = holdings.filter(({ holder, of }) => holder === 'acme' && isUnder(worker, of));
          const bounded = held
            .map(wholeHours)
            .map((span) => ({ ...span, untilSeconds: Math.min(span.untilSeconds, end) }));
          return held.length === 0 ? [] : union(bounded, end);
        });
        expect(uptimes.contributed).toEqual(all);
        expect(all.total).toBeGreaterThan(0.3);
      };

      await expectSame();
      await expectSame();
      for (const worker of [WORKERS[random.below(16)]!, WORKERS[16 + random.below(8)]!])
        await insertHours(sample.store, worker, randomMachine(random, NOW_MINUTE - 1440 * random.below(3), 2));
      await expectSame();
    },
    60_000,
  );
});

interface PlainSums {
  readonly accepted_shares: number;
  readonly reasons: readonly number[];
  readonly work: string;
  readonly squared: number;
}

describe('the work of an account', () => {
  it('is what the minutes of each machine add up to', async () => {
    const holdings = randomHoldings(10);
    const days = daysIn('Asia/Kathmandu');
    const cuts = cutsOf(days, holdings);
    const places = placesOf('acme', holdings);
    const prices = new Map(Array.from({ length: 24 * DAYS }, (_, i) => [Math.floor(NOW_US / 3600e6) - i, 1 + i]));

    const sums = await placeSums(reader, { ...KIND, cuts, places, prices });

    let compared = 0;
    for (const place of places)
      for (const [i, from] of cuts.slice(0, -1).entries()) {
        const sql = `SELECT ${SHARE_SUMS}, toString(sum(r.work)) AS work, sum(r.work_squared) AS squared FROM assay.rollup_1m AS r
          WHERE algorithm = 'sha256d' AND at >= fromUnixTimestamp({from:Int64}) AND at < fromUnixTimestamp({until:Int64})
            AND (worker = {place:String} OR startsWith(toString(worker), concat({place:String}, '.')))`;
        const [plain] = await reader.rows<PlainSums>({ name: 'plain', sql }, { from, until: cuts[i + 1]!, place });
        const own = sums.get(place)?.get(from);
        if (plain!.accepted_shares === 0) {
          expect(own?.accepted ?? 0).toBe(0);
          continue;
        }
        compared++;
        expect(own).toMatchObject({
          accepted: plain!.accepted_shares,
          reasons: plain!.reasons,
          workUnits: BigInt(plain!.work) * 100_000_000n,
          workSquared: plain!.squared,
        });
        expect(own!.reasons).toHaveLength(REASONS.length);
      }
    expect(compared).toBeGreaterThan(20);
  }, 60_000);
});
