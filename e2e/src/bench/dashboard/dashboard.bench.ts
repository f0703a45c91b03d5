// Every question of the dashboard, asked of a gateway with 100,000 workers and 90 days behind it, as an operator who sees all of them and as a customer who
// sees a twentieth. Medians and 95th percentiles over rounds in which the questions take turns; the trivial one is the baseline.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { MemoryLiveState, openMemoryEventLog } from '@assay/adapter-memory';
import { loadMigrations, migrate, type AnalyticsStore } from '@assay/analytics';
import { ControlLog } from '@assay/control-log';
import { startEmbeddedClickHouse } from '@assay/embedded-clickhouse';
import { topicSpecs } from '@assay/event-log';
import { AlertLog, graphqlGatewaySettings, startGraphqlGateway } from '@assay/graphql-gateway';
import { systemClock, type Clock } from '@assay/kernel';
import { parseSettings, readyReport, Registry, Sealer, silentLogger } from '@assay/platform';
import type { ObjectChange } from '@assay/tenancy';
import { launchBrowser } from '../../browser/launch.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { median } from '../round-summary.ts';
import { dashboardQuestions, type Question } from './dashboard-questions.ts';
import { fillLive, TENANTS, workerOfMachine, type FarmSize } from './large-farm.ts';
import { writeHistory } from './large-history.ts';

export interface DashboardOptions {
  readonly size: FarmSize;
  /** Where the history is kept for the next run; a temporary directory when left out. */
  readonly dataDir: string | undefined;
  readonly rounds: number;
  /** Part of a question's name, to ask only those. */
  readonly only: string | undefined;
}

interface Measured {
  readonly question: string;
  readonly asker: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  readonly bytes: number;
}

const WARM_UPS = 1;
const STALL_RESOLUTION_MS = 5;
const REGISTERED_WITHIN_MS = 300_000;
const SESSION = `session_${'s'.repeat(43)}`;
/** What tells that a page has its content. */
const PAGES = [
  ['overview', '/', '.plot canvas'],
  ['fleet', '/fleet', '.fleet-canvas canvas'],
  ['workers', '/workers', '.grid-row.data'],
  ['worker', '/workers/MACHINE', '.plot canvas'],
] as const;
const SMALL_CUSTOMER = 'tenant3';
const TIMEOUT_MS = 120_000;

const say = (text: string): void => void process.stderr.write(`dashboard: ${text}\n`);

/** What a directory of history was written for. */
interface Written {
  readonly size: FarmSize;
  readonly nowSeconds: number;
}

/** A key as the gateway would have made it; these are known, and only of this benchmark. */
const keyOf = (letter: string): { readonly id: string; readonly token: string } => ({
  id: letter.repeat(10),
  token: `assay_${letter.repeat(10)}_${letter.repeat(43)}`,
});
const OPERATOR = keyOf('o');
const CUSTOMER = keyOf('c');

export async function dashboardBench(options: DashboardOptions): Promise<readonly Measured[]> {
  const kept = options.dataDir;
  const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'assay-bench-')));
  mkdirSync(dataDir, { recursive: true });
  const server = await startEmbeddedClickHouse({ dataDir: join(dataDir, 'clickhouse'), port: 0, fsync: false });
  const store = createClickHouseStore({ url: server.url, username: server.username, password: server.password });
  try {
    const { nowSeconds } = await history(store, dataDir, options.size);
    return await askAll(store, options, laterThan(nowSeconds * 1e6));
  } finally {
    await store.close();
    await server.close();
    if (kept === undefined) await rm(dataDir, { recursive: true, force: true });
  }
}

/** Runs on from a moment: that at which the history ends. */
function laterThan(startUs: number): Clock {
  const beganUs = systemClock.nowUs();
  return { nowUs: () => startUs + systemClock.nowUs() - beganUs };
}

async function history(store: AnalyticsStore, dataDir: string, size: FarmSize): Promise<Written> {
  // Also of a history that was kept: a build may have tables that it lacks.
  const days = 365;
  await migrate(store, await loadMigrations(), {
    shares_ttl_days: days,
    rollup_1m_ttl_days: days,
    rollup_1h_ttl_days: days,
    rollup_1d_ttl_days: days,
    events_ttl_days: days,
  });
  const note = join(dataDir, 'history.json');
  if (existsSync(note)) {
    const written = JSON.parse(readFileSync(note, 'utf8')) as Written;
    if (JSON.stringify(written.size) !== JSON.stringify(size))
      throw new Error(`${dataDir} has the history of ${JSON.stringify(written.size)}`);
    return written;
  }
  const written = { size, nowSeconds: Math.floor(Date.now() / 60_000) * 60 };
  await writeHistory(store, size, written.nowSeconds);
  writeFileSync(note, JSON.stringify(written));
  return written;
}

async function askAll(store: AnalyticsStore, options: DashboardOptions, clock: Clock): Promise<readonly Measured[]> {
  const { size, rounds, only = '' } = options;
  const live = new MemoryLiveState({ clock });
  await fillLive(live, size, clock.nowUs());
  const log = openMemoryEventLog({ clock });
  await log.ensureTopics(topicSpecs(1));
  const control = new ControlLog({ log, onWarning: say });
  await configure(control, clock.nowUs());
  const alerts = new AlertLog({ log, onWarning: say });
  const registry = new Registry();
  const gateway = await startGraphqlGateway(
    { ...parseSettings(graphqlGatewaySettings, {}), httpPort: 0, rollup1mTtlDays: size.minuteDays },
    {
      store,
      live,
      control,
      alerts,
      sealer: new Sealer([Buffer.alloc(32, 1)]),
      clock,
      registry,
      logger: silentLogger,
      readiness: async () => readyReport({ bench: 'ok' }),
      metricsText: () => registry.metrics(),
    },
  );
  try {
    await waitFor(
      'every worker to be entered',
      REGISTERED_WITHIN_MS,
      () => control.state.count('worker') === size.workers,
    );
    const nowMs = clock.nowUs() / 1000;
    const about = { workers: size.workers, nowMs };
    const questions = [
      ...dashboardQuestions({ ...about, tenant: 'acme', machine: 1234, user: 'operator' }).map((question) => ({
        question,
        asker: 'operator',
        key: OPERATOR.token,
      })),
      ...dashboardQuestions({
        ...about,
        tenant: SMALL_CUSTOMER,
        machine: Math.floor(size.workers * 0.72),
        user: 'customer',
      }).map((question) => ({ question, asker: 'customer', key: CUSTOMER.token })),
    ].filter(({ question }) => question.name.includes(only));
    const times = questions.map((): number[] => []);
    const bytes = questions.map(() => 0);
    const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
    for (let round = 0; round < WARM_UPS + rounds; round++) {
      if (round === WARM_UPS) stalls.enable();
      for (const [i, { question, key }] of questions.entries()) {
        const { ms, size: answered } = await ask(gateway.url, question, key);
        if (round >= WARM_UPS) times[i]!.push(ms);
        bytes[i] = answered;
      }
      say(`round ${round + 1} of ${WARM_UPS + rounds}`);
    }
    stalls.disable();
    say(stallsLine(stalls));
    const answered = questions.map(({ question, asker }, i) => {
      return {
        question: question.name,
        asker,
        ...spread(times[i]!),
        bytes: bytes[i]!,
      };
    });
    return [...(only === '' ? await openPages(gateway.url, rounds, size.workers) : []), ...answered];
  } finally {
    await gateway.stop();
    control.close();
    alerts.close();
    await live.close();
    await log.close();
  }
}

/** How long the gateway's thread let nobody have their turn. The questions are asked by the same thread, which reads their answers. */
function stallsLine(stalls: IntervalHistogram): string {
  const [p99, p999, longest] = [stalls.percentile(99), stalls.percentile(99.9), stalls.max].map((ns) =>
    (ns / 1e6 - STALL_RESOLUTION_MS).toFixed(0),
  );
  return `the event loop stood still for ${p99} ms (p99), ${p999} ms (p99.9), ${longest} ms (the longest)`;
}

/** From the address to the content, in a browser that has the program already. None where there is no browser. */
async function openPages(url: string, rounds: number, workers: number): Promise<readonly Measured[]> {
  const browser = await launchBrowser();
  if (browser === undefined) return [];
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addCookies([{ name: 'assay_session', value: SESSION, url }]);
    const page = await context.newPage();
    const measured: Measured[] = [];
    for (const [name, path, content] of PAGES) {
      const times: number[] = [];
      for (let round = 0; round < WARM_UPS + rounds; round++) {
        const began = performance.now();
        await page.goto(url + path.replace('MACHINE', encodeURIComponent(workerOfMachine(1234, workers))));
        await page.locator(content).last().waitFor({ timeout: TIMEOUT_MS });
        if (round >= WARM_UPS) times.push(performance.now() - began);
      }
      measured.push({ question: `the page ${name}, with its content`, asker: 'operator', ...spread(times), bytes: 0 });
    }
    return measured;
  } finally {
    await browser.close();
  }
}

function spread(times: readonly number[]): Pick<Measured, 'p50Ms' | 'p95Ms' | 'maxMs'> {
  const sorted = [...times].sort((a, b) => a - b);
  const p95Ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))]!;
  return { p50Ms: median(sorted), p95Ms, maxMs: sorted.at(-1)! };
}

async function configure(control: ControlLog, nowUs: number): Promise<void> {
  const put = (kind: string, id: string, body: unknown): ObjectChange => ({ op: 'put', kind, id, body });
  const user = (id: string, grant: object): ObjectChange =>
    put('user', id, { email: `${id}@pool.example`, name: id, grants: [grant], disabled: false });
  const key = ({ id, token }: typeof OPERATOR, owner: string): ObjectChange =>
    put('api_key', id, {
      name: owner,
      user: owner,
      grants: [],
      tokenHash: createHash('sha256').update(token).digest('hex'),
      shown: token.slice(0, 16),
      createdAtUs: nowUs,
    });
  const outcome = await control.change({ kind: 'system', id: 'bench' }, [
    ...TENANTS.map((id) => put('tenant', id, { name: id, kind: 'hosting', autoRegister: true })),
    user('operator', { role: 'operator_admin', tenant: '*' }),
    user('customer', { role: 'customer', tenant: SMALL_CUSTOMER }),
    key(OPERATOR, 'operator'),
    put('session', 'bench', {
      user: 'operator',
      tokenHash: createHash('sha256').update(SESSION).digest('hex'),
      createdAtUs: nowUs,
      expiresAtUs: nowUs + 86_400e6,
      method: 'password',
      remoteAddress: '127.0.0.1',
      userAgent: 'bench',
    }),
    key(CUSTOMER, 'customer'),
  ]);
  if (!outcome.applied) throw new Error(outcome.refusal.message);
}

async function ask(
  url: string,
  { name, query, variables }: Question,
  key: string,
): Promise<{ ms: number; size: number }> {
  const began = performance.now();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  const ms = performance.now() - began;
  const { errors } = JSON.parse(text) as { errors?: readonly { readonly message: string }[] };
  if (errors !== undefined) say(`${name}: ${errors[0]?.message}`);
  return { ms, size: text.length };
}

/** A Markdown table, the slowest first. */
export function dashboardTable(measured: readonly Measured[]): string {
  const rows = [...measured]
    .sort((a, b) => b.p95Ms - a.p95Ms)
    .map(({ question, asker, p50Ms, p95Ms, maxMs, bytes }) => [
      question,
      asker,
      ...[p50Ms, p95Ms, maxMs].map((ms) => ms.toFixed(ms < 10 ? 1 : 0)),
      (bytes / 1024).toFixed(1),
    ]);
  const head = ['question', 'asked by', 'p50, ms', 'p95, ms', 'slowest, ms', 'answer, KiB'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
