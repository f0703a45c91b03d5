// Tells every subscriber which workers changed: what the live state reports, and workers whose status changed by time alone (a
// machine that falls silent sends nothing). Names of every tenant come by here; each subscriber looks them up in what its viewer sees. It works
// only while somebody listens.
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import type { Logger } from '@assay/platform';
import { EVERYTHING } from '@assay/tenancy';
import { Slices } from '../slices.ts';
import type { FleetSnapshot, FleetView } from '../workers/fleet-view.ts';
import { ChangedWorkers } from './changed-workers.ts';

const STATUS_CHECK_MS = 1000;

export class LiveChanges {
  readonly #live: LiveState;
  readonly #fleet: FleetView;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<ChangedWorkers>();
  /** Whose statuses are known already. Kept while somebody listens: one picture more. */
  #picture: FleetSnapshot | undefined;
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
      else if (this.#picture !== undefined) this.#tell(this.#picture.byName.keys());
    });
    this.#timer = setInterval(() => void this.#checkStatuses(), STATUS_CHECK_MS);
    void this.#checkStatuses();
  }

  #stop(): void {
    this.#stopLive?.();
    clearInterval(this.#timer);
    this.#picture = undefined;
  }

  #tell(names: Iterable<string>): void {
    const nowUs = this.#clock.nowUs();
    for (const listener of this.#listeners) listener.add(names, nowUs);
  }

  async #checkStatuses(): Promise<void> {
    try {
      const picture = await this.#fleet.seenBy(EVERYTHING);
      const before = this.#picture;
      if (this.#listeners.size === 0 || picture === before) return;
      this.#picture = picture;
      if (before === undefined) return;
      const slices = new Slices();
      const changed: string[] = [];
      for (const { worker, status } of picture.workers) {
        if (before.byName.get(worker)?.status !== status) changed.push(worker);
        if (slices.isOver()) await slices.next();
      }
      this.#tell(changed);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the statuses of workers could not be looked at');
    }
  }
}
