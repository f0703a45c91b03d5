// The real gateway over a real control log, for tests of the dashboard's door: an empty pool, whose clock the test can move on.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import type { AnalyticsStore } from '@assay/analytics';
import { MemoryLiveState, openMemoryEventLog } from '@assay/adapter-memory';
import { alerterSettings, startAlerter } from '@assay/alerter';
import { ControlLog, FED_CHANGES } from '@assay/control-log';
import { topicSpecs } from '@assay/event-log';
import { AlertLog, graphqlGatewaySettings, startGraphqlGateway } from '@assay/graphql-gateway';
import { systemClock, type Clock } from '@assay/kernel';
import { parseSettings, readyReport, Registry, Sealer, silentLogger } from '@assay/platform';
import type { ObjectChange } from '@assay/tenancy';
import { createHmac } from 'node:crypto';

/** Runs on from the real time, and can be moved ahead of it. */
class MovableClock implements Clock {
  #aheadUs = 0;

  nowUs(): number {
    return systemClock.nowUs() + this.#aheadUs;
  }

  advance(seconds: number): void {
    this.#aheadUs += seconds * 1e6;
  }
}

export interface LoginGateway {
  readonly url: string;
  readonly clock: MovableClock;
  readonly control: ControlLog;
  readonly alerts: AlertLog;
  /** An alerter that finds nothing by itself, as it has no history to look at, and keeps the alerts there are. */
  readonly startAlerter: () => Promise<void>;
  /** Where the first user is made. */
  readonly setupUrl: () => string | undefined;
  readonly change: (...changes: ObjectChange[]) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param dashboardDir its built files. @param store where there is history; that of a ClickHouse that nobody runs otherwise */
export async function startLoginGateway(dashboardDir: string, store = absentStore()): Promise<LoginGateway> {
  const clock = new MovableClock();
  const log = openMemoryEventLog({ clock });
  await log.ensureTopics(topicSpecs(1));
  const control = new ControlLog({ log, fedChanges: FED_CHANGES, onWarning: () => undefined });
  await control.caughtUp();
  const alerts = new AlertLog({ log, onWarning: () => undefined });
  await alerts.caughtUp();
  const live = new MemoryLiveState({ clock });
  const registry = new Registry();
  const gateway = await startGraphqlGateway(
    {
      ...parseSettings(graphqlGatewaySettings, {}),
      httpPort: 0,
      dashboardDir,
      // Argon2id as it is, but not as dear: these tests are not about guessing.
      passwordMemoryKib: 8,
      passwordPasses: 1,
    },
    {
      store,
      live,
      control,
      alerts,
      sealer: new Sealer([Buffer.alloc(32, 7)]),
      clock,
      registry,
      logger: silentLogger,
      readiness: async () => readyReport({ sample: 'ok' }),
      metricsText: () => registry.metrics(),
    },
  );
  let alerter: Awaited<ReturnType<typeof startAlerter>> | undefined;
  return {
    url: gateway.url,
    clock,
    control,
    alerts,
    startAlerter: async () => {
      const ports = { log, store, live, control, sealer: new Sealer([]), clock, logger: silentLogger, registry };
      alerter = await startAlerter(parseSettings(alerterSettings, {}), { ...ports, random: Math.random });
    },
    setupUrl: gateway.setupUrl,
    change: async (...changes) => {
      const outcome = await control.change({ kind: 'system', id: 'test' }, changes);
      if (!outcome.applied) throw new Error(`refused: ${outcome.refusal.message}`);
    },
    stop: async () => {
      await alerter?.stop();
      await gateway.stop();
      alerts.close();
      control.close();
      await live.close();
    },
  };
}

/** The real client of a ClickHouse that nobody runs: the door must open without it. */
function absentStore(): AnalyticsStore {
  return createClickHouseStore({ url: 'http://127.0.0.1:9', username: 'nobody', password: '' });
}

/** What an authenticator app shows (RFC 6238), worked out apart from the gateway's own code. @param secret base32 */
export function appCode(secret: string, nowUs: number): string {
  const bits = [...secret.replace(/\s/g, '')]
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowUs / 30e6)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1)! & 15) & 0x7fff_ffff) % 1e6).padStart(6, '0');
}
