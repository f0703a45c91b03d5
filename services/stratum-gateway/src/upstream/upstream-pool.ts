// An upstream pool as a source of jobs: a list of endpoints in order of preference, of which one gives the work and takes the shares.
// Invariants: what machines work on comes from the endpoint in use; a share goes to the endpoint its job came from, whichever is in use when
// it is found; a change of endpoint is a clean job and nothing else, so that no machine is dropped for it.
//
// Which endpoints are connected: the one in use, all that are preferred to it (to know when they are back), with `standby` the next one
// after it, and any that still owes answers. One that was lost is replaced at once by the best that is in order; a better one that is back
// is used again when it has been in order for `failBackSeconds`.
import type { UpstreamRecord } from '@assay/share-block';
import { floorDifficulty } from '@assay/mining';
import type { JobSource, SourceListener } from '../jobs/job-source.ts';
import type { UpstreamPoolSettings } from './pool-settings.ts';
import type { PoolWork } from './pool-work.ts';
import { UpstreamEndpoint, type UpstreamPoolOptions } from './upstream-endpoint.ts';

/** How long a better endpoint that has not been tried to its end is waited for when there is no work. */
const HEAD_START_MS = 2000;
/** How long `stop` waits for answers. */
const STOP_MS = 3000;
const STOP_STEP_MS = 20;

export class UpstreamPool implements JobSource {
  readonly endpoints: readonly UpstreamEndpoint[];
  /** Times the work moved to another endpoint. */
  switches = 0;
  readonly #settings: UpstreamPoolSettings;
  readonly #options: UpstreamPoolOptions;
  #listener: SourceListener | undefined;
  #stopped = false;
  /** The endpoint machines have work of, in order or not. */
  #active: UpstreamEndpoint | undefined;
  /** The work machines have. */
  #given: PoolWork | undefined;
  #away = false;
  /** Since when no endpoint is in order; 0 while one is. */
  #withoutSinceMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: UpstreamPoolSettings, options: UpstreamPoolOptions) {
    this.#settings = settings;
    this.#options = options;
    const listener = {
      work: (endpoint: UpstreamEndpoint, work: PoolWork, cleanJobs: boolean) => {
        if (endpoint === this.#active && work !== this.#given) this.#give(endpoint, work, cleanJobs);
      },
      changed: () => this.#decide(),
      record: (record: UpstreamRecord) => this.#listener?.record(record),
    };
    this.endpoints = settings.endpoints.map((one) => new UpstreamEndpoint(settings, one, options, listener));
  }

  /** For metrics. */
  get name(): string {
    return this.#options.name;
  }

  /** The endpoint that gives the work; undefined while none does. */
  get active(): UpstreamEndpoint | undefined {
    return this.#active?.inOrderSinceMs === undefined ? undefined : this.#active;
  }

  get state(): string {
    const { active } = this;
    if (active === undefined) return this.#troubles(this.endpoints);
    const better = this.endpoints.slice(0, this.endpoints.indexOf(active)).filter((one) => one.failing);
    return better.length === 0 ? 'ok' : `works with ${active.name}, since ${this.#troubles(better)}`;
  }

  start(listener: SourceListener): void {
    this.#listener = listener;
    this.#withoutSinceMs = performance.now();
    this.#decide();
  }

  /** A pool's jobs come when the pool sends them: what there is, is given again. */
  refresh(newBlock: boolean): void {
    const { active } = this;
    if (active?.work !== undefined) this.#give(active, active.work, newBlock);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const endpoint of this.endpoints) endpoint.stop();
    const untilMs = performance.now() + STOP_MS;
    const owes = (): boolean => this.endpoints.some(({ shares, inOrderSinceMs }) => shares.size > 0 && inOrderSinceMs !== undefined); // prettier-ignore
    while (owes() && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, STOP_STEP_MS));
    for (const endpoint of this.endpoints) endpoint.close();
    this.#listener = undefined;
  }

  #troubles(endpoints: readonly UpstreamEndpoint[]): string {
    return endpoints.map(({ trouble }) => trouble).join('; ');
  }

  #decide(): void {
    if (this.#stopped) return;
    const nowMs = performance.now();
    clearTimeout(this.#timer);
    const next = this.#best(nowMs);
    if (next !== undefined && next !== this.#active) this.#use(next);
    if (this.active === undefined) this.#lost(nowMs);
    this.#connectAsNeeded();
    const waitMs = this.#nextDecisionMs(nowMs);
    if (waitMs < Infinity) this.#timer = setTimeout(() => this.#decide(), waitMs);
  }

  /** The endpoint to use; undefined while none can be, or a better one may be ready in a moment. */
  #best(nowMs: number): UpstreamEndpoint | undefined {
    const inOrder = this.endpoints.filter(({ inOrderSinceMs }) => inOrderSinceMs !== undefined);
    const { active } = this;
    if (active === undefined) {
      const withoutMs = this.#withoutSinceMs === 0 ? 0 : nowMs - this.#withoutSinceMs;
      // It was told to connect elsewhere, and comes back with the next connection, often to the same session.
      if (this.#active?.returning === true && withoutMs < this.#settings.awaySeconds * 1000) return undefined;
      const [best] = inOrder;
      const better = this.endpoints.slice(0, best === undefined ? 0 : this.endpoints.indexOf(best));
      const late = nowMs - this.#withoutSinceMs >= HEAD_START_MS;
      return late || better.every(({ failing }) => failing) ? best : undefined;
    }
    const patienceMs = this.#settings.failBackSeconds * 1000;
    const better = inOrder.slice(0, inOrder.indexOf(active));
    return better.find(({ inOrderSinceMs }) => nowMs - inOrderSinceMs! >= patienceMs) ?? active;
  }

  #use(next: UpstreamEndpoint): void {
    const before = this.#active;
    this.#active = next;
    const { logger, name } = this.#options;
    if (before !== undefined) this.switches++;
    logger.info({ source: name, endpoint: next.name, before: before?.name, why: before?.trouble }, 'pool in use');
    // Before its first job it is not in order, so there is one.
    if (next.work !== undefined) this.#give(next, next.work, true);
  }

  /** There is no endpoint in order. */
  #lost(nowMs: number): void {
    if (this.#withoutSinceMs === 0) this.#withoutSinceMs = nowMs;
    if (this.#away || nowMs - this.#withoutSinceMs < this.#settings.awaySeconds * 1000) return;
    // Until every one was tried it may only be slow, and machines that have no work yet lose none.
    if (this.#active === undefined && !this.endpoints.every(({ failing }) => failing)) return;
    this.#away = true;
    const reason = this.#troubles(this.endpoints);
    this.#options.logger.error({ source: this.#options.name, reason }, 'no work from pools');
    this.#listener?.away(reason);
  }

  #connectAsNeeded(): void {
    const { standby } = this.#settings;
    const { active, endpoints } = this;
    // With none in use: those tried already, and the first that was not, with one more in reserve.
    const untried = endpoints.findIndex(({ failing }) => !failing);
    const last = active === undefined ? (untried < 0 ? endpoints.length : untried) : endpoints.indexOf(active);
    endpoints.forEach((endpoint, at) => endpoint.want(at <= last + (standby ? 1 : 0)));
  }

  /** Until something changes by the mere passing of time. */
  #nextDecisionMs(nowMs: number): number {
    const { failBackSeconds, awaySeconds } = this.#settings;
    const { active } = this;
    if (active === undefined) {
      const due = [HEAD_START_MS, this.#away ? Infinity : awaySeconds * 1000];
      const waits = due.map((ms) => this.#withoutSinceMs + ms - nowMs).filter((ms) => ms > 0);
      return Math.min(Infinity, ...waits.map((ms) => ms + 1));
    }
    const better = this.endpoints.slice(0, this.endpoints.indexOf(active));
    const waits = better.map(({ inOrderSinceMs = Infinity }) => inOrderSinceMs + failBackSeconds * 1000 - nowMs);
    return Math.min(Infinity, ...waits.map((ms) => Math.max(1, ms + 1)));
  }

  #give(endpoint: UpstreamEndpoint, work: PoolWork, cleanJobs: boolean): void {
    if (this.#stopped) return;
    const { gateway, name, clock } = this.#options;
    this.#given = work;
    this.#away = false;
    this.#withoutSinceMs = 0;
    this.#listener?.job({
      job: work.job,
      cleanJobs,
      versionMask: work.of.versionMask,
      wanted: {
        target: work.target,
        difficulty: floorDifficulty(work.of.difficulty),
        take: (share) => endpoint.shares.take(work, share),
      },
    });
    this.#listener?.record({
      type: 'job',
      gateway,
      source: name,
      endpoint: endpoint.name,
      jobHash: work.job.hash,
      upstreamJobId: work.of.id,
      upstreamDifficulty: work.of.difficulty,
      atUs: clock.nowUs(),
    });
  }
}
