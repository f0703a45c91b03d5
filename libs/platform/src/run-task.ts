// A process that does one thing and ends, as an orchestrator's job does: 0 when it is done, 1 when it could not be.
import { systemClock, type Clock } from '@assay/kernel';
import { CLUSTER_SETTINGS, processSettings } from './cluster-settings.ts';
import { createLogger, type Logger } from './logger.ts';
import { endFailed, nodeHost, type Host } from './run-service.ts';
import { parseSettings, refuseUnknownSettings, type SettingsTable } from './settings.ts';
import { StoppedWaiting, Waits } from './until-there.ts';

export interface TaskProcess {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What can be waited for until `deadline`. Failures that say they are not retriable are thrown on at once. */
  readonly waits: (deadline: AbortSignal) => Waits;
}

export interface TaskDefinition {
  readonly name: string;
  /** The task's own tables; those of the cluster setting are known anyway. */
  readonly tables: readonly SettingsTable[];
  readonly run: (process: TaskProcess) => Promise<void>;
}

export function runTask({ name, tables, run }: TaskDefinition, host: Host = nodeHost): void {
  const stopping = new AbortController();
  const perform = async (): Promise<void> => {
    refuseUnknownSettings(host.env, [...tables, ...CLUSTER_SETTINGS]);
    const { logLevel } = parseSettings(processSettings, host.env);
    const logger = createLogger(name, logLevel);
    const waits = (deadline: AbortSignal): Waits =>
      new Waits(AbortSignal.any([stopping.signal, deadline]), logger, (error) => !isRetriable(error));
    await run({ env: host.env, clock: systemClock, logger, waits });
  };
  host.onSignal(() => stopping.abort());
  perform().then(
    () => host.exit(0),
    (error: unknown) => endFailed(name, host, error instanceof StoppedWaiting ? error.message : error),
  );
}

/** As LogError and AnalyticsError say of themselves. */
function isRetriable(error: unknown): boolean {
  return error instanceof Error && (error as { retriable?: unknown }).retriable === true;
}
