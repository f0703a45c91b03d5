// Tells every subscriber which workers changed: what the live state reports, and workers whose status changed by time alone (a
// machine that falls silent sends nothing). Names of every tenant come by here; each subscriber looks them up in what its viewer sees. It works
// only while somebody listens.
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import type { Logger } from '@assay/platform';
import { EVERYTHING } from '@assay/tenancy';
import type { FleetView } from '../workers/fleet-view.ts';
import type { WorkerStatus } from '../workers/worker-facts.ts';
import { ChangedWorkers } from './changed-workers.ts';

const STATUS_CHECK_MS = 1000;

export class LiveChanges {
  readonly #live: LiveState;
  readonly #fleet: FleetView;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<ChangedWorkers>();
  #statuses: ReadonlyMap<string, WorkerStatus> | undefined;
  #stopLive: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(live: LiveState, fleet: FleetView, clock: Clock, logger: Logger) {
    this.#live = live;
    this.#fleet = fleet;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A collector that fills from now on, until it is closed. */
  open(): ChangedWorkers {
    const listener = new ChangedWorkers();
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return listener;
  }

  close(listener: ChangedWorkers): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#stop();
  }

  #start(): void {
    this.#stopLive = this.#live.subscribe((changed) => {
      if (changed !== 'all') this.#tell(changed);
      else if (this.#statuses !== undefined) this.#tell(this.#statuses.keys());
    });
    this.#timer = setInterval(() => void this.#checkStatuses(), STATUS_CHECK_MS);
    void this.#checkStatuses();
  }

  #stop(): void {
    this.#stopLive?.();
    clearInterval(this.#timer);
    this.#statuses = undefined;
  }

  #tell(names: Iterable<string>): void {
    const nowUs = this.#clock.nowUs();
    for (const listener of this.#listeners) listener.add(names, nowUs);
  }

  async #checkStatuses(): Promise<void> {
    try {
      const { workers } = await this.#fleet.seenBy(EVERYTHING);
      if (this.#listeners.size === 0) return;
      const before = this.#statuses;
      this.#statuses = new Map(workers.map(({ worker, status }) => [worker, status]));
      if (before)
        this.#tell(workers.filter(({ worker, status }) => before.get(worker) !== status).map(({ worker }) => worker));
    } catch (error) {
      this.#logger.warn({ err: error }, 'the statuses of workers could not be looked at');
    }
  }
}
