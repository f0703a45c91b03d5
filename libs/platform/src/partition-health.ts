// Which of the partitions this process serves fail, and since when they get nowhere. A partition fails from its handler's first
// throw until it gets on again (handler-progress.ts of event-log), is given up, or the process ends: for readiness and metrics.
import { HandlerProgress, type PartitionSession } from '@assay/event-log';

interface Served {
  readonly signal: AbortSignal;
  readonly progress: HandlerProgress;
  running: boolean;
  /** Throws since there was progress. */
  failures: number;
  message: string;
}

/** Partitions named in a sentence for people; more are counted. */
const NAMED = 3;

export class PartitionHealth {
  readonly #served = new Map<string, Served>();
  readonly #onChange: () => void;

  /** @param onChange runs when a partition may have begun or ceased to fail. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Runs a handler on its partition and watches it. Throws what the handler throws. */
  async watch(session: PartitionSession, handle: (session: PartitionSession) => Promise<void>): Promise<void> {
    const served = this.#of(session);
    served.running = true;
    try {
      await handle(served.progress.watch(session, () => this.#gotOn(served)));
    } catch (error) {
      served.failures++;
      served.message = error instanceof Error ? error.message : String(error);
      this.#onChange();
      throw error;
    } finally {
      served.running = false;
      if (session.signal.aborted) this.#forget(session);
    }
  }

  #gotOn(served: Served): void {
    if (served.failures === 0) return;
    served.failures = 0;
    this.#onChange();
  }

  /** Number of partitions that fail. */
  get failing(): number {
    return this.#failing().length;
  }

  /** `topic/partition` of every handler that is running. */
  running(): string[] {
    return [...this.#served].filter(([, { running }]) => running).map(([name]) => name);
  }

  /** 'ok', or a sentence that names what fails. */
  state(): string {
    const failing = this.#failing();
    if (failing.length === 0) return 'ok';
    const named = failing.slice(0, NAMED).map(([name, { failures, message }]) => `${name} (${failures}x): ${message}`);
    const more = failing.length > NAMED ? `; and ${failing.length - NAMED} more` : '';
    const count = failing.length === 1 ? 'one partition gets' : `${failing.length} partitions get`;
    return `${count} nowhere: ${named.join('; ')}${more}`;
  }

  #failing(): [string, Served][] {
    return [...this.#served].filter(([, { failures, signal }]) => failures > 0 && !signal.aborted);
  }

  #of(session: PartitionSession): Served {
    const name = nameOf(session);
    let served = this.#served.get(name);
    // A partition that left and came back is another session.
    if (served?.signal !== session.signal) {
      const { signal } = session;
      served = { signal, progress: new HandlerProgress(), running: false, failures: 0, message: '' };
      this.#served.set(name, served);
      signal.addEventListener('abort', () => this.#revoked(session), { once: true });
    }
    return served;
  }

  /** A handler that still runs is forgotten when it returns, so that it can be told which were cut. */
  #revoked(session: PartitionSession): void {
    if (this.#served.get(nameOf(session))?.running !== true) this.#forget(session);
    this.#onChange();
  }

  #forget(session: PartitionSession): void {
    const name = nameOf(session);
    if (this.#served.get(name)?.signal === session.signal) this.#served.delete(name);
  }
}

const nameOf = ({ topic, partition }: PartitionSession): string => `${topic}/${partition}`;
