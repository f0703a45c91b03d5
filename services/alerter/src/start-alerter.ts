// The alerter: watches what miners do, keeps the alerts that come of it, and tells people. Any number of them; one at a time does the work.
import type { AnalyticsStore } from '@assay/analytics';
import { countFleet } from '@assay/alerting';
import type { ControlLog } from '@assay/control-log';
import type { EventLog } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import type { Logger, Registry, RunningService } from '@assay/platform';
import { startAlerting } from './alerting.ts';
import { AlertingConfiguration, configurationOptions, type Unsealer } from './configuration.ts';
import type { AlerterConfig } from './config.ts';
import { DetectionWatch } from './watch/detection-watch.ts';
import { IntegrityWatch } from './watch/integrity-watch.ts';
import { UpstreamWatch } from './watch/upstream-watch.ts';
import { WatchRules } from './watch/watch-rules.ts';

export interface AlerterPorts {
  readonly log: EventLog;
  readonly store: AnalyticsStore;
  readonly live: LiveState;
  readonly control: ControlLog;
  readonly sealer: Unsealer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly random: () => number;
  readonly drainMs?: number;
}

/** Resolves once it has joined the others; what the control log says of alerts is followed from then on. */
export async function startAlerter(config: AlerterConfig, ports: AlerterPorts): Promise<RunningService> {
  const { control, store, live, clock, sealer, logger } = ports;
  const nowUs = (): number => clock.nowUs();
  const configuration = new AlertingConfiguration(
    control.state,
    configurationOptions(config, { unsealer: sealer, nowUs }),
  );
  const rules = new WatchRules(control.state);
  const detection = new DetectionWatch({
    store,
    live,
    control: control.state,
    rules: () => rules.all,
    warmUpMinutes: config.warmUpMinutes,
  });
  const upstreams = new UpstreamWatch(store, control.state);
  const gateways = new IntegrityWatch(store, control.state);
  void control.caughtUp().then(() => configuration.refresh());
  const forget = control.onChange(({ changed }) => {
    if (configuration.config !== undefined) configuration.changed(changed.map(({ kind }) => kind));
  });
  logger.debug('the alerter joins');
  const alerting = await startAlerting(config, {
    ...ports,
    config: () => configuration.config,
    channel: (id) => configuration.channel(id),
    fleet: () => countFleet(detection.fleet),
    findings: async (atUs, fresh, signal) => [
      ...(await detection.findings(atUs, fresh, signal)),
      ...(await upstreams.findings(atUs, fresh, signal)),
      ...(await gateways.findings(atUs, fresh, signal)),
    ],
  });
  return {
    ready: alerting.ready,
    stop: async () => {
      forget();
      await alerting.stop();
    },
  };
}
