// Detection on the real engine: rollups as the aggregator writes them, and a live state that is current, behind or away.
import { MemoryLiveState } from '@assay/adapter-memory';
import type { Finding } from '@assay/alerting';
import { type AnalyticsStore } from '@assay/analytics';
import { LIVE_WINDOWS, type DecayedByWindow } from '@assay/live-state';
import { NO_DECAYED_WORK } from '@assay/rollup';
import { ControlState } from '@assay/tenancy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DetectionWatch } from './detection-watch.ts';
import type { WatchRule } from './rule-watch.ts';
import { startTestStore, type TestStore } from '../testing/test-store.ts';

/** 2026-01-05 00:00 UTC, in minutes. */
const START = 29_459_520;
const DIFFICULTY = 1000;
const SHARES = 20;
/** What so many shares a minute are worth, hashes per second. */
const EXPECTED_HS = (SHARES * DIFFICULTY * 2 ** 32) / 60;
const WORKERS = ['n.r1.m1', 'n.r1.m2', 'n.r1.m3', 's.r1.m1'].map((name) => `acme.${name}`);
const WARM_UP = 30;
const PLACE = { topic: 'shares.verified', partition: 0 };
const DECAYED = Object.fromEntries(LIVE_WINDOWS.map(({ name }) => [name, NO_DECAYED_WORK])) as DecayedByWindow;
const SIGNAL = new AbortController().signal;

let clickHouse: TestStore;
let store: AnalyticsStore;
let live: MemoryLiveState;
let control: ControlState;
let nowUs = 0;

const afterMinute = (minute: number): number => (minute + 1) * 60e6 + 15e6;
const clock = { nowUs: () => nowUs };

beforeAll(async () => {
  clickHouse = await startTestStore();
  ({ store } = clickHouse);
});
afterAll(() => clickHouse.stop());

beforeEach(async () => {
  await store.command('TRUNCATE TABLE assay.rollup_1m');
  await store.command('TRUNCATE TABLE assay.latency_1m');
  nowUs = afterMinute(START + WARM_UP);
  control = new ControlState();
  live = new MemoryLiveState({ clock });
  await isLive(afterMinute(START + 10_000));
});

/** @param reachedUs up to when what was submitted is in. @param firstSeenUs of a worker that came later than the others */
async function isLive(reachedUs: number, firstSeenUs: Readonly<Record<string, number>> = {}): Promise<void> {
  const workers = WORKERS.map((worker) => ({
    tenant: 'acme',
    worker,
    algorithm: 'sha256d' as const,
    userAgent: 'sample/1.0',
    remoteAddress: '192.0.2.1',
    connections: [{ gateway: 'gateway-1', connection: worker, sinceUs: START * 60e6 }],
    authorizedAtUs: START * 60e6,
    firstSeenUs: firstSeenUs[worker] ?? START * 60e6,
    lastShareAtUs: undefined,
    difficulty: DIFFICULTY,
    bestShareDifficulty: 0,
    expectedHashRateHs: EXPECTED_HS,
    decayed: DECAYED,
  }));
  const partitions = [{ ...PLACE, fromOffset: 0, submittedFromUs: 0 }];
  await live.rebuild('', async () => ({ workers, partitions }));
  const nothing = { ...PLACE, lineage: 'test', fromOffset: 0, endOffset: 0, reachedUs, deltas: [], events: [] };
  const outcome = await live.apply(nothing);
  if (outcome.kind === 'behind') await live.apply({ ...nothing, fills: outcome.gap.token });
}

/** @param share of the expected shares that a worker sends in a minute */
async function shares(
  from: number,
  to: number,
  share: (worker: string, minute: number) => number = () => 1,
): Promise<void> {
  const rows: string[] = [];
  for (let minute = from; minute < to; minute++)
    for (const worker of WORKERS) {
      const accepted = SHARES * share(worker, minute);
      const at = `fromUnixTimestamp(${minute * 60})`;
      if (accepted > 0) rows.push(`('acme', '${worker}', 'sha256d', ${at}, ${accepted}, ${accepted * DIFFICULTY})`);
    }
  if (rows.length > 0)
    await store.command(
      `INSERT INTO assay.rollup_1m (tenant, worker, algorithm, at, accepted, work) VALUES ${rows.join(', ')}`,
    );
}

async function latencies(
  minute: number,
  ...workers: readonly (readonly [worker: string, answers: number, totalMs: number])[]
): Promise<void> {
  const rows = workers.map(
    ([worker, answers, total]) => `('acme', '${worker}', fromUnixTimestamp(${minute * 60}), ${answers}, ${total})`,
  );
  await store.command(`INSERT INTO assay.latency_1m (tenant, worker, at, answers, total_ms) VALUES ${rows.join(', ')}`);
}

const silentWhen = (silent: boolean): number => (silent ? 0 : 1);

const rule = (more: Partial<WatchRule> = {}): WatchRule => ({
  id: 'r1',
  tenant: 'acme',
  kind: 'offline',
  severity: 'critical',
  level: 'worker',
  detection: { type: 'offline' },
  covers: () => true,
  ...more,
});

const watch = (...rules: readonly WatchRule[]): DetectionWatch =>
  new DetectionWatch({ store, live, control, rules: () => rules, warmUpMinutes: WARM_UP });
const told = (findings: readonly Finding[]): string[] =>
  findings.map(
    ({ verdict, subject }) => `${verdict} ${subject.worker || subject.rack || subject.site || subject.tenant}`,
  );

async function lookAfter(watching: DetectionWatch, minute: number, fresh = false): Promise<string[]> {
  nowUs = afterMinute(minute);
  return told(await watching.findings(nowUs, fresh, SIGNAL));
}

describe('a worker', () => {
  it('that comes at the end of a minute is not taken for one that was slow in all of it', async () => {
    const [, , , late] = WORKERS as [string, string, string, string];
    const came = START + 31;
    live = new MemoryLiveState({ clock });
    await isLive(afterMinute(START + 10_000), { [late]: came * 60e6 + 56e6 });
    await shares(START, START + 40, (worker, minute) =>
      worker !== late || minute > came ? 1 : minute === came ? 0.05 : 0,
    );
    const slow = watch(
      rule({ kind: 'rate_threshold', detection: { type: 'threshold', windowMinutes: 1, belowFraction: 0.5 } }),
    );
    for (let minute = START + 30; minute < START + 40; minute++) expect(await lookAfter(slow, minute)).toEqual([]);
  });

  it('that falls silent is found when its minutes are closed, and found well when it sends again', async () => {
    const [quiet] = WORKERS;
    const back = START + 40;
    await shares(START, START + 50, (worker, minute) =>
      silentWhen(worker === quiet && minute >= START + 31 && minute < back),
    );
    const watching = watch(rule());
    const heard: Record<number, string[]> = {};
    for (let minute = START + 30; minute < START + 45; minute++) {
      const said = await lookAfter(watching, minute);
      if (said.length > 0) heard[minute - START] = said;
    }
    // At 20 shares a minute, and one false alarm a year, silence is implausible before the first minute is over.
    expect(heard).toEqual({ 31: [`firing ${quiet}`], 40: [`ok ${quiet}`] });
  });

  it('that was silent for a while before the start, and is not any more, is no news', async () => {
    const [quiet] = WORKERS;
    await shares(START, START + 31, (worker, minute) =>
      silentWhen(worker === quiet && minute >= START + 5 && minute < START + 15),
    );
    expect(await lookAfter(watch(rule()), START + 30)).not.toContain(`firing ${quiet}`);
  });

  it('that is silent still is news to whoever asks anew', async () => {
    const [quiet] = WORKERS;
    await shares(START, START + 40, (worker, minute) => silentWhen(worker === quiet && minute >= START + 20));
    const watching = watch(rule());
    expect(await lookAfter(watching, START + 30, true)).toEqual([`firing ${quiet}`]);
    expect(await lookAfter(watching, START + 31)).toEqual([]);
    expect(await lookAfter(watching, START + 32, true)).toEqual([`firing ${quiet}`]);
  });

  it('that answers slowly for so many minutes is found, and found well after as many; minutes without an answer count for nothing', async () => {
    const [slow, , , other] = WORKERS as [string, string, string, string];
    await shares(START, START + 50);
    const ms = (minute: number): number => (minute >= START + 31 && minute < START + 38 ? 300 : 20);
    for (let minute = START; minute < START + 50; minute++)
      if (minute !== START + 32 && minute !== START + 39)
        await latencies(minute, [slow, 1, ms(minute)], [slow, 3, 3 * ms(minute)], [other, 1, 20]);
    const watching = watch(rule({ kind: 'latency_up', detection: { type: 'latency', limitMs: 250, minutes: 3 } }));
    const heard: Record<number, string[]> = {};
    for (let minute = START + 30; minute < START + 45; minute++) {
      const said = await lookAfter(watching, minute);
      if (said.length > 0) heard[minute - START] = said;
    }
    // Above in 31, 33 and 34, below in 38, 40 and 41.
    expect(heard).toEqual({ 34: [`firing ${slow}`], 41: [`ok ${slow}`] });
  });

  it('whose shares come late was never silent', async () => {
    const [quiet] = WORKERS;
    await shares(START, START + 34, (worker, minute) => silentWhen(worker === quiet && minute >= START + 31));
    const watching = watch(rule());
    await lookAfter(watching, START + 30);
    expect(await lookAfter(watching, START + 33)).toEqual([`firing ${quiet}`]);
    await shares(START + 31, START + 34, (worker) => silentWhen(worker !== quiet));
    expect(await lookAfter(watching, START + 33)).toEqual([`ok ${quiet}`]);
  });

  it('that is retired, or no rule covers any more, is not in trouble', async () => {
    const [quiet] = WORKERS;
    await shares(START, START + 40, (worker, minute) => silentWhen(worker === quiet && minute >= START + 20));
    const watching = watch(rule(), rule({ id: 'r2', covers: ({ site }) => site === 's' }));
    expect(await lookAfter(watching, START + 30)).toEqual([`firing ${quiet}`]);
    const by = { kind: 'system', id: 'test' } as const;
    const tenant = { name: 'Acme', kind: 'hosting', autoRegister: true };
    const changes = [
      { op: 'put', kind: 'tenant', id: 'acme', body: tenant },
      { op: 'put', kind: 'worker', id: quiet, body: { standing: 'retired', tags: [] } },
    ];
    expect(control.apply({ type: 'change', request: 'r', by, changes }, nowUs)).toMatchObject({ applied: true });
    expect(await lookAfter(watching, START + 31)).toEqual([`ok ${quiet}`]);
  });
});

it('a loss of half the rate is found, with what was expected and what was seen', async () => {
  await shares(START, START + 31);
  const [slow] = WORKERS;
  await shares(START + 31, START + 90, (worker) => (worker === slow ? 0.5 : 1));
  const watching = watch(rule({ kind: 'rate_below_expected', detection: { type: 'rate' } }));
  await lookAfter(watching, START + 30);
  nowUs = afterMinute(START + 89);
  // Whoever asks anew gets the evidence as it is now.
  const findings = await watching.findings(nowUs, true, SIGNAL);
  expect(told(findings)).toEqual([`firing ${slow}`]);
  expect(findings[0]!.evidence['what']).toMatch(/since 2026-01-05 00:3\d UTC, 50 % of the 1.43 TH.s expected/);
});

it('a place whose workers all fall silent is found as one', async () => {
  await shares(START, START + 40, (worker, minute) => silentWhen(worker.startsWith('acme.n.') && minute >= START + 31));
  const levels = (['rack', 'site', 'tenant'] as const).map((level) => rule({ id: level, kind: 'place_down', level }));
  const watching = watch(...levels);
  await lookAfter(watching, START + 30);
  expect(await lookAfter(watching, START + 31)).toEqual(['firing r1', 'firing n']);

  expect(await lookAfter(watching, START + 40)).toEqual(['firing r1', 'firing s', 'firing acme']);
});

it('a pool that is behind says nothing of its miners, and that it cannot', async () => {
  await shares(START, START + 31);
  live = new MemoryLiveState({ clock });
  await isLive(afterMinute(START + 20));
  await expect(watch(rule()).findings(nowUs, true, SIGNAL)).rejects.toThrow('not counted in time');
});
