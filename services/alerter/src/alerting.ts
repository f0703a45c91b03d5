// The alerter: one member of the group keeps the alerts and sends them, whoever holds the topic's one partition. The others stand by.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AlertConfig, BookOptions, Finding, Fleet } from '@assay/alerting';
import { DEFAULT_BOOK_OPTIONS } from '@assay/alerting';
import { TOPIC, type EventLog, type PartitionSession } from '@assay/event-log';
import type { Clock } from '@assay/kernel';
import type { Logger, RunningService } from '@assay/platform';
import type { Registry } from 'prom-client';
import { AlerterMetrics } from './alerter-metrics.ts';
import type { AlerterConfig } from './config.ts';
import { AlertDesk } from './desk/alert-desk.ts';
import { DEFAULT_LANE_LIMITS } from './outbox/lane.ts';
import { Sender, type ConfiguredChannel } from './outbox/sender.ts';

export const ALERTER_GROUP = 'alerter';

const CONFIG_POLL_MS = 250;

export interface AlertingPorts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  /** Uniform in [0, 1), for the jitter of pauses. */
  readonly random: () => number;
  readonly drainMs?: number;
  /** Rules and maintenance windows as they are now; undefined while they are not known yet, and then nothing moves. */
  readonly config: () => AlertConfig | undefined;
  /** How many workers each place, gateway, upstream and firmware has: countFleet. */
  readonly fleet: () => Fleet;
  /** Undefined when there is no such channel. */
  readonly channel: (id: string) => ConfiguredChannel | undefined;
  /**
   * What the detectors have to say since it was asked last, called once a tick in the process that keeps the alerts. `fresh` is true the
   * first time this process asks, and after a time it failed: then, and at least every hour, it must say again all that is firing, since what
   * it says is lost with a process that ends before it is on record.
   */
  readonly findings: (nowUs: number, fresh: boolean, signal: AbortSignal) => Promise<Iterable<Finding>>;
}

export async function startAlerting(config: AlerterConfig, ports: AlertingPorts): Promise<RunningService> {
  const metrics = new AlerterMetrics(ports.registry);
  let trouble = '';
  const member = await ports.log.join(
    ALERTER_GROUP,
    [TOPIC.alerts],
    async (session) => {
      await keepAlerts(session, config, ports, metrics, (now) => (trouble = now));
    },
    (error) => {
      metrics.failures.inc();
      trouble = `the alerts cannot be kept: ${messageOf(error)}`;
      ports.logger.error({ err: error }, 'the alerts cannot be kept, starting again from the log');
    },
  );
  let stopped: Promise<void> | undefined;
  return {
    // Ready all the same: there is nowhere else to turn to. Metrics and their alert rules say that nobody is told.
    ready: () => Promise.resolve({ ready: true, checks: { alerts: trouble === '' ? 'ok' : trouble } }),
    stop: () => (stopped ??= member.close(ports.drainMs)),
  };
}

async function keepAlerts(
  session: PartitionSession,
  config: AlerterConfig,
  ports: AlertingPorts,
  metrics: AlerterMetrics,
  report: (trouble: string) => void,
): Promise<void> {
  const { clock, logger } = ports;
  const desk = await AlertDesk.open(session, { ...ports, metrics, bookOptions: bookOptions(config) });
  const stop = new AbortController();
  const signal = AbortSignal.any([session.signal, stop.signal]);
  const sender = new Sender(
    {
      outbox: desk.outbox,
      append: (records) => desk.append(records),
      channel: ports.channel,
      clock,
      random: ports.random,
      logger,
      metrics,
      limits: {
        ...DEFAULT_LANE_LIMITS,
        perMinute: config.messagesPerMinute,
        burst: config.messagesAtOnce,
        giveUpMs: config.giveUpHours * 3_600_000,
      },
      maxInFlight: config.sendsAtOnce,
    },
    signal,
  );
  // Whichever fails, the other ends with it, and both begin anew from the log.
  const orStop = (error: unknown): never => {
    stop.abort();
    throw error;
  };
  try {
    await untilConfigured(ports, signal);
    metrics.keeps(() => ({
      alerts: desk.alerts,
      owed: desk.outbox.size,
      oldestSeconds: Math.max(0, (clock.nowUs() - (desk.outbox.oldestUs ?? clock.nowUs())) / 1e6),
    }));
    const parts = [sender.run(), tickAway(desk, sender, signal, config, ports, metrics, report)];
    const ended = await Promise.allSettled(parts.map((part) => part.catch(orStop)));
    for (const part of ended) if (part.status === 'rejected') throw part.reason;
  } finally {
    stop.abort();
    metrics.keeps(undefined);
  }
}

/** Before the configuration is known, every rule and every channel would seem to be one that was removed. */
async function untilConfigured({ config, logger }: AlertingPorts, signal: AbortSignal): Promise<void> {
  if (config() === undefined) logger.info('waiting for the configuration before any alert is looked at');
  while (config() === undefined && !signal.aborted) {
    await sleep(CONFIG_POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function tickAway(
  desk: AlertDesk,
  sender: Sender,
  signal: AbortSignal,
  { tickSeconds }: AlerterConfig,
  ports: AlertingPorts,
  metrics: AlerterMetrics,
  report: (trouble: string) => void,
): Promise<void> {
  let fresh = true;
  let tickAtUs = ports.clock.nowUs();
  while (!signal.aborted) {
    const waitMs = Math.max(0, Math.ceil((tickAtUs - ports.clock.nowUs()) / 1000));
    const commanded = await desk.follow(waitMs);
    const nowUs = ports.clock.nowUs();
    const isTime = nowUs >= tickAtUs;
    if (signal.aborted || !(commanded || isTime)) continue;
    const config = ports.config();
    if (config !== undefined) desk.configure(config);
    if (isTime) {
      // What is owed is told, and escalates, whether or not there is news: only the news is late.
      const heard = await hear(desk, nowUs, fresh, signal, ports, metrics);
      report(heard);
      fresh = heard !== '';
      tickAtUs = nowUs + tickSeconds * 1e6;
    }
    await desk.tick(counted(ports.fleet));
    sender.nudge();
    await desk.commit();
  }
}

/** Counts the workers when first asked, which most ticks never do. */
function counted(fleet: () => Fleet): Fleet {
  let known: Fleet | undefined;
  return { size: (cause) => (known ??= fleet()).size(cause) };
}

/** Takes what the detectors say. @returns '' or why there was nothing to be had. */
async function hear(
  desk: AlertDesk,
  nowUs: number,
  fresh: boolean,
  signal: AbortSignal,
  { findings, logger }: AlertingPorts,
  metrics: AlerterMetrics,
): Promise<string> {
  try {
    desk.found(await findings(nowUs, fresh, signal));
    return '';
  } catch (error) {
    if (signal.aborted) return '';
    metrics.silences.inc();
    logger.error({ err: error }, 'detection has no findings to give');
    return `detection has no findings to give: ${messageOf(error)}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function bookOptions({ groupWaitSeconds, groupEndWaitSeconds }: AlerterConfig): BookOptions {
  return {
    ...DEFAULT_BOOK_OPTIONS,
    groupWaitUs: groupWaitSeconds * 1e6,
    groupEndWaitUs: groupEndWaitSeconds * 1e6,
  };
}
