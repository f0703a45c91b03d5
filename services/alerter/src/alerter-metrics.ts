// What the alerter counts. One instance per registry.
import { SEVERITIES, type Alert } from '@assay/alerting';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const PREFIX = 'assay_alerter_';
const OPEN_STATES = ['pending', 'firing', 'acknowledged'] as const;

/** What the process that keeps the alerts knows of them. */
export interface Kept {
  readonly alerts: Iterable<Alert>;
  readonly owed: number;
  /** Seconds that the oldest message is owed; 0 when none is. */
  readonly oldestSeconds: number;
}

export class AlerterMetrics {
  readonly #sends: Counter<'kind' | 'outcome'>;
  readonly #settled: Counter<'kind' | 'outcome'>;
  readonly #seconds: Histogram<'kind'>;
  /** Messages that went out in a digest. */
  readonly digested: Counter;
  readonly unreadable: Counter;
  readonly failures: Counter;
  readonly silences: Counter;
  #kept: (() => Kept) | undefined;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#sends = new Counter({
      name: `${PREFIX}sends_total`,
      help: 'Attempts to send, by kind of channel and what came of it: delivered, retry, refused.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.#settled = new Counter({
      name: `${PREFIX}notifications_total`,
      help: 'Messages owed that are owed no more: delivered, or given up as undeliverable.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.#seconds = new Histogram({
      name: `${PREFIX}send_seconds`,
      help: 'Time that an attempt to send took.',
      labelNames: ['kind'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    });
    this.digested = new Counter({
      name: `${PREFIX}digested_total`,
      help: 'Messages that went into a digest, since they came faster than their channel takes them.',
      registers,
    });
    this.unreadable = new Counter({
      name: `${PREFIX}unreadable_records_total`,
      help: 'Records of the topic alerts that this version cannot read.',
      registers,
    });
    this.failures = new Counter({
      name: `${PREFIX}failures_total`,
      help: 'Times the keeping of alerts had to be started again from the log.',
      registers,
    });
    this.silences = new Counter({
      name: `${PREFIX}detection_failures_total`,
      help: 'Times that detection was asked for findings and had none to give, for its data could not be had.',
      registers,
    });
    this.#registerGauges(registers);
  }

  sent(kind: string, outcome: string, seconds: number): void {
    this.#sends.inc({ kind, outcome });
    this.#seconds.observe({ kind }, seconds);
  }

  settled(kind: string, outcome: 'delivered' | 'undeliverable', notifications: number): void {
    this.#settled.inc({ kind, outcome }, notifications);
  }

  /** This process keeps the alerts from now on, or undefined: no longer. */
  keeps(kept: (() => Kept) | undefined): void {
    this.#kept = kept;
  }

  #registerGauges(registers: Registry[]): void {
    const kept = (): Kept | undefined => this.#kept?.();
    new Gauge({
      name: `${PREFIX}keeper`,
      help: 'Whether this process keeps the alerts and sends them: 1 or 0. One of all alerters does.',
      registers,
      collect() {
        this.set(kept() === undefined ? 0 : 1);
      },
    });
    new Gauge({
      name: `${PREFIX}alerts`,
      help: 'Alerts by state and severity, in the process that keeps them.',
      labelNames: ['state', 'severity'],
      registers,
      collect() {
        this.reset();
        const now = kept();
        if (now === undefined) return;
        for (const state of OPEN_STATES) for (const severity of SEVERITIES) this.set({ state, severity }, 0);
        for (const { state, severity } of now.alerts) if (state !== 'resolved') this.inc({ state, severity });
      },
    });
    new Gauge({
      name: `${PREFIX}owed`,
      help: 'Messages that are owed: not delivered, and not given up.',
      registers,
      collect() {
        this.set(kept()?.owed ?? 0);
      },
    });
    new Gauge({
      name: `${PREFIX}owed_age_seconds`,
      help: 'How long the oldest message is owed.',
      registers,
      collect() {
        this.set(kept()?.oldestSeconds ?? 0);
      },
    });
  }
}
