// Enters workers nobody has entered yet, once they have an accepted share: as their tenant's own where the tenant takes whoever comes, else in
// quarantine. Here and not in the stratum gateways, which may stand on somebody's site and must not write the configuration. Several may
// see a worker at once; the first to say so wins, and the others find it entered. Who is entered costs nothing: only of whom something new is
// heard, and who is not, the live state is asked.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { LiveChange, LiveState, LiveWorker } from '@assay/live-state';
import type { Logger } from '@assay/platform';
import { tenantOf, type Actor, type ObjectChange } from '@assay/tenancy';

const LOOK_MS = 1000;
const BATCH_WORKERS = 500;
/** A worker that was refused, since its tenant has all it may have, is tried again after so long. */
const REFUSED_MS = 60_000;
/** Newcomers that are asked for one by one; of more, all workers are. */
const MOST_BY_NAME = 50;
const BY: Actor = { kind: 'system', id: 'registrar' };

export interface WorkerRegistrarPorts {
  readonly control: ControlLog;
  readonly live: LiveState;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class WorkerRegistrar {
  readonly #ports: WorkerRegistrarPorts;
  /** Until when a worker is not tried again, milliseconds since 1970. */
  #refusedUntilMs = new Map<string, number>();
  /** Of whom something new is known and who are not entered; undefined when it may be anybody. Bounded by the workers there are. */
  #newcomers: Set<string> | undefined;
  readonly #forget: (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: WorkerRegistrarPorts) {
    this.#ports = ports;
    this.#forget = [
      ports.live.subscribe((changed) => this.#heard(changed)),
      ports.control.onChange(({ changed }) => {
        const isForAnybody = changed.some(({ kind, object }) => kind === 'tenant' || (kind === 'worker' && !object));
        if (isForAnybody) this.#newcomers = undefined;
      }),
    ];
    this.#soon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const forget of this.#forget) forget();
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #soon(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look()
        .catch((error: unknown) => this.#ports.logger.warn({ err: error }, 'new workers cannot be entered at present'))
        .then(() => this.#soon());
    }, LOOK_MS);
  }

  #heard(changed: LiveChange): void {
    if (changed === 'all') this.#newcomers = undefined;
    else for (const worker of changed) if (this.#isNobodys(worker)) this.#newcomers?.add(worker);
  }

  /** Not entered, though its tenant is. */
  #isNobodys(worker: string): boolean {
    const { state } = this.#ports.control;
    return state.get('worker', worker) === undefined && state.get('tenant', tenantOf(worker)) !== undefined;
  }

  async #look(): Promise<void> {
    const { control, live, clock } = this.#ports;
    // Without tenants nobody is anybody's worker, which is how a small farm runs.
    if (!control.isCaughtUp || control.state.count('tenant') === 0) return;
    const nowUs = clock.nowUs();
    const nowMs = nowUs / 1000;
    for (const [worker, untilMs] of this.#refusedUntilMs) if (untilMs <= nowMs) this.#refusedUntilMs.delete(worker);
    const asked = this.#newcomers;
    if (asked?.size === 0) return;
    // What is heard from now on is looked at the next time.
    this.#newcomers = new Set();
    let workers: readonly LiveWorker[];
    try {
      workers = asked === undefined ? await live.workers(nowUs) : await this.#workersOf(asked, nowUs);
    } catch (error) {
      this.#newcomers = undefined;
      throw error;
    }
    for (const { worker, lastShareAtUs } of workers)
      if (lastShareAtUs !== undefined && this.#isNobodys(worker)) this.#newcomers?.add(worker);
    const changes = workers.flatMap((worker) => this.#entryOf(worker) ?? []);
    for (let from = 0; from < changes.length && !this.#stopped; from += BATCH_WORKERS)
      await this.#enter(changes.slice(from, from + BATCH_WORKERS), nowMs);
  }

  async #workersOf(names: ReadonlySet<string>, nowUs: number): Promise<readonly LiveWorker[]> {
    const { live } = this.#ports;
    if (names.size > MOST_BY_NAME) return (await live.workers(nowUs)).filter(({ worker }) => names.has(worker));
    const workers = await Promise.all([...names].map((name) => live.worker(nowUs, name)));
    return workers.filter((worker) => worker !== undefined);
  }

  #entryOf({ worker, tenant, lastShareAtUs }: LiveWorker): ObjectChange | undefined {
    const { state } = this.#ports.control;
    if (lastShareAtUs === undefined || this.#refusedUntilMs.has(worker)) return undefined;
    if (state.get('worker', worker) !== undefined) return undefined;
    const owner = state.get('tenant', tenant)?.body;
    if (owner === undefined) return undefined;
    const standing = owner.autoRegister ? 'active' : 'quarantined';
    // Not what its password says that it should do: that counts as it is, and changes with the password, until somebody enters another.
    const body = { standing, tags: [] };
    return { op: 'put', kind: 'worker', id: worker, expect: 0, body };
  }

  /** All at once; what cannot be entered is left out, and the rest entered. */
  async #enter(changes: readonly ObjectChange[], nowMs: number): Promise<void> {
    const { control, logger } = this.#ports;
    const outcome = await control.change(BY, changes, 'first share');
    if (outcome.applied) return;
    const { code, message, change = 0 } = outcome.refusal;
    const { id } = changes[change]!;
    // One that somebody else entered meanwhile is no news.
    if (code !== 'conflict') {
      logger.warn({ worker: id, code, reason: message }, 'a worker could not be entered');
      this.#refusedUntilMs.set(id, nowMs + REFUSED_MS);
    }
    // What one worker of a tenant is too many for, the others are as well.
    const goesToo = (worker: string): boolean => code === 'limit' && tenantOf(worker) === tenantOf(id);
    const rest = changes.filter((one, index) => index !== change && !goesToo(one.id));
    if (rest.length > 0) await this.#enter(rest, nowMs);
  }
}
