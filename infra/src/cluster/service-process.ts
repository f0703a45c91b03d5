// One service of the cluster as a child process: its settings, and where it answers for its health.
import { fileURLToPath } from 'node:url';
import { ManagedProcess } from '../managed-process.ts';

export type ServiceName = 'stratum-gateway' | 'validator' | 'aggregator' | 'graphql-gateway' | 'alerter';

export interface ReadyState {
  readonly ready: boolean;
  /** Each check by name, 'ok' or what is wrong; empty when the process does not answer. */
  readonly checks: Readonly<Record<string, string>>;
}

const PROBE_TIMEOUT_MS = 2_000;

/** The built file of a package of services/. */
export function serviceMain(service: ServiceName | 'migrator'): string {
  return fileURLToPath(new URL(`../../../services/${service}/dist/main.js`, import.meta.url));
}

export class ServiceServer {
  readonly service: ServiceName;
  /** Health, readiness and metrics. */
  readonly opsUrl: string;
  readonly process: ManagedProcess;

  /** @param logFile keeps what it says over all its runs */
  constructor(
    service: ServiceName,
    name: string,
    opsPort: number,
    env: Readonly<Record<string, string>>,
    logFile: string,
  ) {
    this.service = service;
    this.opsUrl = `http://127.0.0.1:${opsPort}`;
    this.process = new ManagedProcess({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', serviceMain(service)],
      env,
      logFile,
      // A service lives before it is ready: what it needs may be away, and it says so and waits.
      isReady: () => this.alive(),
    });
  }

  /** The file that is run. */
  get main(): string {
    return serviceMain(this.service);
  }

  get name(): string {
    return this.process.name;
  }

  async alive(): Promise<boolean> {
    return (await this.#get('/healthz'))?.ok === true;
  }

  async readiness(): Promise<ReadyState> {
    const answer = await this.#get('/readyz');
    return ((await answer?.json().catch(() => undefined)) as ReadyState | undefined) ?? { ready: false, checks: {} };
  }

  async #get(path: string): Promise<Response | undefined> {
    return fetch(this.opsUrl + path, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch(() => undefined);
  }
}
