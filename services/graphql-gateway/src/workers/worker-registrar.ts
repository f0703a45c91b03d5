// Enters workers nobody has entered yet, once they have an accepted share: as their tenant's own where the tenant takes whoever comes, else in
// quarantine. Here and not in the stratum gateways, which may stand on somebody's site and must not write the configuration. Several may
// see a worker at once; the first to say so wins, and the others find it entered.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { LiveState, LiveWorker } from '@assay/live-state';
import type { Logger } from '@assay/platform';
import { tenantOf, type Actor, type ObjectChange } from '@assay/tenancy';

const LOOK_MS = 1000;
const BATCH_WORKERS = 500;
/** A worker that was refused, since its tenant has all it may have, is tried again after so long. */
const REFUSED_MS = 60_000;
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
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(ports: WorkerRegistrarPorts) {
    this.#ports = ports;
    this.#soon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
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

  async #look(): Promise<void> {
    const { control, live, clock } = this.#ports;
    // Without tenants nobody is anybody's worker, which is how a small farm runs.
    if (!control.isCaughtUp || control.state.count('tenant') === 0) return;
    const nowUs = clock.nowUs();
    const nowMs = nowUs / 1000;
    for (const [worker, untilMs] of this.#refusedUntilMs) if (untilMs <= nowMs) this.#refusedUntilMs.delete(worker);
    const changes = (await live.workers(nowUs)).flatMap((worker) => this.#entryOf(worker) ?? []);
    for (let from = 0; from < changes.length && !this.#stopped; from += BATCH_WORKERS)
      await this.#enter(changes.slice(from, from + BATCH_WORKERS), nowMs);
  }

  #entryOf({ worker, tenant, lastShareAtUs, expectedHashRateHs }: LiveWorker): ObjectChange | undefined {
    const { state } = this.#ports.control;
    if (lastShareAtUs === undefined || this.#refusedUntilMs.has(worker)) return undefined;
    if (state.get('worker', worker) !== undefined) return undefined;
    const owner = state.get('tenant', tenant)?.body;
    if (owner === undefined) return undefined;
    const standing = owner.autoRegister ? 'active' : 'quarantined';
    const body = { standing, tags: [], ...(expectedHashRateHs !== undefined && { expectedHashRateHs }) };
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
