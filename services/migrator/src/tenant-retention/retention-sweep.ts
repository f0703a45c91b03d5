// Deletes what tenants no longer want kept, at a start and then some times a day. Of an embedded pool; a cluster runs the tool beside it as a job.
import { deleteExpired, type AnalyticsStore } from '@assay/analytics';
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import { Counter, type Logger, type Registry } from '@assay/platform';
import { tenantDays } from './tenant-days.ts';

const EVERY_MS = 6 * 3_600_000;

export interface RetentionSweepPorts {
  readonly store: AnalyticsStore;
  /** Caught up. */
  readonly control: ControlLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
}

export class RetentionSweep {
  readonly #ports: RetentionSweepPorts;
  readonly #deleted: Counter<'table'>;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(ports: RetentionSweepPorts) {
    this.#ports = ports;
    this.#deleted = new Counter({
      name: 'assay_retention_deleted_rows_total',
      help: "Rows deleted because they were older than their tenant's retention, by table.",
      labelNames: ['table'],
      registers: [ports.registry],
    });
    this.#timer = setInterval(() => void this.sweep(), EVERY_MS);
    void this.sweep();
  }

  /** Resolves when what was too old when it was called is gone, or when the store would not: then the next time will do. */
  sweep(): Promise<void> {
    this.#sweeping = this.#sweeping.then(() => this.#sweep());
    return this.#sweeping;
  }

  /** Waits for a deletion that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { store, control, clock, logger } = this.#ports;
    try {
      const rows = await deleteExpired(store, tenantDays(control.state), clock.nowUs());
      if (Object.keys(rows).length === 0) return;
      for (const [table, count] of Object.entries(rows)) this.#deleted.inc({ table }, count);
      logger.info({ rows }, 'rows older than the retention of their tenants were deleted');
    } catch (error) {
      logger.error({ err: error }, 'rows older than the retention of their tenants could not be deleted');
    }
  }
}
