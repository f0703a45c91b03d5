// A gateway on ports a test chooses, and how to ask it.
import { createClickHouseStore } from '@assay/adapter-clickhouse';
import { MemoryLiveState, openMemoryEventLog } from '@assay/adapter-memory';
import type { AnalyticsStore } from '@assay/analytics';
import { ControlLog, FED_CHANGES } from '@assay/control-log';
import { topicSpecs, type EventLog } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import { parseSettings, readyReport, Registry, Sealer, silentLogger } from '@assay/platform';
import { AlertLog } from '../alerts/alert-log.ts';
import { graphqlGatewaySettings, type GraphqlGatewayConfig } from '../config.ts';
import { startGraphqlGateway, type GraphqlGatewayPorts, type RunningGraphqlGateway } from '../gateway.ts';
import { beginLive, NOW_US } from './sample-farm.ts';

const SEALER = new Sealer([Buffer.alloc(32, 7)]);

/** Stands still until it is moved. */
export class TestClock implements Clock {
  #nowUs = NOW_US;

  nowUs(): number {
    return this.#nowUs;
  }

  advance(seconds: number): void {
    this.#nowUs += seconds * 1e6;
  }
}

export async function memoryLog(clock: Clock): Promise<EventLog> {
  const log = openMemoryEventLog({ clock });
  await log.ensureTopics(topicSpecs(1));
  return log;
}

export async function followControl(log: EventLog): Promise<ControlLog> {
  const control = new ControlLog({ log, fedChanges: FED_CHANGES, onWarning: () => undefined });
  await control.caughtUp();
  return control;
}

export async function followAlerts(log: EventLog): Promise<AlertLog> {
  const alerts = new AlertLog({ log, onWarning: () => undefined });
  await alerts.caughtUp();
  return alerts;
}

/** The real client of a ClickHouse that nobody runs: port 9 of loopback refuses at once. */
export function absentStore(): AnalyticsStore {
  return createClickHouseStore({ url: 'http://127.0.0.1:9', username: 'nobody', password: '' });
}

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly retriable?: boolean; readonly errorId?: string };
}

// Tests read answers of any shape; what they expect of them is written in the test.

export type Answer = {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly data: any;
  readonly errors: readonly GraphqlError[] | undefined;
};

export class SampleGateway {
  readonly gateway: RunningGraphqlGateway;
  readonly live: MemoryLiveState;
  readonly clock: TestClock;
  readonly registry: Registry;
  readonly store: AnalyticsStore;
  readonly control: ControlLog;
  readonly alerts: AlertLog;
  readonly sealer = SEALER;

  private constructor(
    gateway: RunningGraphqlGateway,
    ports: {
      live: MemoryLiveState;
      clock: TestClock;
      registry: Registry;
      store: AnalyticsStore;
      control: ControlLog;
      alerts: AlertLog;
    },
  ) {
    this.gateway = gateway;
    this.live = ports.live;
    this.clock = ports.clock;
    this.registry = ports.registry;
    this.store = ports.store;
    this.control = ports.control;
    this.alerts = ports.alerts;
  }

  static async start(
    config: Partial<GraphqlGatewayConfig> = {},
    ports: Partial<GraphqlGatewayPorts> & { readonly log?: EventLog } = {},
    liveUpToUs?: number,
  ): Promise<SampleGateway> {
    const clock = new TestClock();
    const live = new MemoryLiveState({ clock });
    await beginLive(live, liveUpToUs);
    const registry = new Registry();
    const store = ports.store ?? absentStore();
    const log = ports.log ?? (await memoryLog(clock));
    const control = ports.control ?? (await followControl(log));
    const alerts = ports.alerts ?? (await followAlerts(log));
    const gateway = await startGraphqlGateway(
      { ...parseSettings(graphqlGatewaySettings, {}), httpPort: 0, passwordMemoryKib: 8, passwordPasses: 1, ...config },
      {
        live,
        control,
        alerts,
        sealer: SEALER,
        clock,
        registry,
        logger: silentLogger,
        readiness: async () => readyReport({ sample: 'ok' }),
        metricsText: () => registry.metrics(),
        ...ports,
        store,
      },
    );
    return new SampleGateway(gateway, { live, clock, registry, store, control, alerts });
  }

  get url(): string {
    return this.gateway.url;
  }

  async post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    const answer = (await response.json()) as Pick<Answer, 'data' | 'errors'>;
    return { status: response.status, data: answer.data, errors: answer.errors };
  }

  ask(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
    return this.post(JSON.stringify({ query, variables }));
  }

  /** The data of an answer that must have no errors. */
  async data(query: string, variables: Record<string, unknown> = {}): Promise<Answer['data']> {
    const { data, errors } = await this.ask(query, variables);
    if (errors) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
    return data;
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    this.alerts.close();
    this.control.close();
    await this.live.close();
  }
}
