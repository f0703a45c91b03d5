// Enters workers nobody has entered yet, with their first accepted share: as their tenant's own, or in quarantine. Several gateways may see
// one at once; the first to say so wins, and the others find it entered. Bounded: a worker for which there is no room, or which is
// refused (a tenant with all the workers it may have), is tried again when it comes back.
import type { ControlLog } from '@assay/control-log';
import type { Logger } from '@assay/platform';
import type { ObjectChange } from '@assay/tenancy';
import type { WorkerRecord } from '../miners/worker-registry.ts';

const FLUSH_MS = 200;
const BATCH_WORKERS = 500;
const MAX_PENDING = 100_000;
const RETRY_MS = 2000;

type Entry = Pick<WorkerRecord, 'name' | 'newcomer' | 'expectedHashRateHs'>;

export class WorkerRegistrar {
  readonly #control: ControlLog;
  readonly #gateway: string;
  readonly #logger: Logger;
  readonly #pending = new Map<string, ObjectChange>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(control: ControlLog, gateway: string, logger: Logger) {
    this.#control = control;
    this.#gateway = gateway;
    this.#logger = logger;
  }

  add({ name: { worker }, newcomer, expectedHashRateHs }: Entry): void {
    if (newcomer === undefined || this.#pending.size >= MAX_PENDING) return;
    const body = { standing: newcomer, tags: [], ...(expectedHashRateHs !== undefined && { expectedHashRateHs }) };
    this.#pending.set(worker, { op: 'put', kind: 'worker', id: worker, expect: 0, body });
    this.#soon(FLUSH_MS);
  }

  /** Enters no more. What is pending is entered when these workers come back. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #soon(ms: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => void this.#flush(), ms);
  }

  async #flush(): Promise<void> {
    const batch = [...this.#pending].slice(0, BATCH_WORKERS);
    let again = FLUSH_MS;
    try {
      for (const [worker] of batch) if (this.#isEntered(worker)) this.#pending.delete(worker);
      const changes = batch.filter(([worker]) => this.#pending.has(worker)).map(([, change]) => change);
      if (changes.length > 0) await this.#enter(changes);
    } catch (error) {
      this.#logger.warn({ err: error, workers: this.#pending.size }, 'new workers could not be entered yet');
      again = RETRY_MS;
    }
    this.#timer = undefined;
    if (this.#pending.size > 0) this.#soon(again);
  }

  /** All at once; what cannot be entered is left out, and the rest entered. */
  async #enter(changes: ObjectChange[]): Promise<void> {
    const outcome = await this.#control.change({ kind: 'system', id: this.#gateway }, changes, 'first share');
    if (outcome.applied) {
      for (const { id } of changes) this.#pending.delete(id);
      return;
    }
    const { code, message, change = 0 } = outcome.refusal;
    const { id } = changes[change]!;
    // One that another gateway entered meanwhile is no news.
    if (code !== 'conflict') this.#logger.warn({ worker: id, code, reason: message }, 'a worker could not be entered');
    this.#pending.delete(id);
    const rest = changes.filter((_, index) => index !== change);
    if (rest.length > 0) await this.#enter(rest);
  }

  #isEntered(worker: string): boolean {
    return this.#control.state.get('worker', worker) !== undefined;
  }
}
