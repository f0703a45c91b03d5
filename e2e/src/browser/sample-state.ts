// What the sample server knows and how it is doing: its fleet, its mode, and who waits for changes.
import { type SampleEvent, type Sight, workerAnswer } from './sample-answers.ts';
import { sampleEvents } from './sample-events.ts';
import { sampleFleet, type SampleWorker } from './sample-fleet.ts';

/**
 * normal; empty: no worker ever connected; stale: the live state is being rebuilt; no-history: ClickHouse is away;
 * error: every question but the status fails with a code; away: 503 to everything of the API, WebSockets too. */
export type SampleMode = 'normal' | 'empty' | 'stale' | 'no-history' | 'error' | 'away';

export class SampleState {
  mode: SampleMode = 'normal';
  readonly startedAtMs = Date.now() - 3 * 86_400_000;
  readonly fleet: SampleWorker[];
  readonly events: SampleEvent[];
  readonly pending = new Map<() => void, Set<SampleWorker>>();

  constructor(count: number) {
    this.fleet = sampleFleet(count, Date.now());
    this.events = sampleEvents(this.fleet);
  }

  get workers(): readonly SampleWorker[] {
    return this.mode === 'empty' ? [] : this.fleet;
  }

  /** What of the answers is there. */
  get sight(): Sight {
    return { live: this.mode !== 'stale', history: this.mode !== 'no-history' };
  }

  answer = (worker: SampleWorker): object =>
    workerAnswer(worker, this.sight, (name) => this.events.filter((event) => event.worker === name));

  /** Marks workers as changed for every subscriber, and wakes them. */
  announce(workers: readonly SampleWorker[]): void {
    for (const [wake, set] of this.pending) {
      for (const worker of workers) set.add(worker);
      wake();
    }
  }
}
