// The live state as a process sees it: what of it failed, whether it is live, and how old it is. Whoever reads it shows the same, so that
// an alert hears of dead aggregators from those that are left.
import type { Clock } from '@assay/kernel';
import type { LiveStanding, LiveState } from '@assay/live-state';
import { MICROS_PER_SECOND } from '@assay/kernel';
import { Counter, Gauge, type Registry } from 'prom-client';
import { withinPatience } from './within-patience.ts';

const OPERATIONS = ['apply', 'rebuild', 'standing', 'workers', 'worker'] as const;

/** The same live state, its failures counted. It stays its opener's to close. */
export function watchLiveState(live: LiveState, registry: Registry, clock: Clock): LiveState {
  const errors = new Counter({
    name: 'assay_live_state_errors_total',
    help: 'Calls to the live state that failed, by operation: Redis is away, slow or refuses.',
    labelNames: ['operation'],
    registers: [registry],
  });
  for (const operation of OPERATIONS) errors.inc({ operation }, 0);
  const counted = async <T>(operation: (typeof OPERATIONS)[number], work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      errors.inc({ operation });
      throw error;
    }
  };
  registerStanding(live, registry, clock);
  return {
    apply: (update) => counted('apply', live.apply(update)),
    rebuild: (epoch, read) => counted('rebuild', live.rebuild(epoch, read)),
    standing: (nowUs) => counted('standing', live.standing(nowUs)),
    workers: (nowUs, tenant) => counted('workers', live.workers(nowUs, tenant)),
    worker: (nowUs, name) => counted('worker', live.worker(nowUs, name)),
    subscribe: (listener) => live.subscribe(listener),
    close: () => live.close(),
  };
}

function registerStanding(live: LiveState, registry: Registry, clock: Clock): void {
  let asking: Promise<void> | undefined;
  let known: LiveStanding | undefined;
  const ask = async (): Promise<void> => {
    known = await live.standing(clock.nowUs()).catch(() => undefined);
  };
  const current = async (): Promise<LiveStanding | undefined> => {
    asking ??= ask().finally(() => (asking = undefined));
    await withinPatience(asking);
    return known;
  };
  const registers = [registry];
  new Gauge({
    name: 'assay_live_state_live',
    help: 'Whether numbers may be shown as live: 1 or 0, 0 also when it could not be asked.',
    registers,
    async collect() {
      this.set((await current())?.live === true ? 1 : 0);
    },
  });
  new Gauge({
    name: 'assay_live_state_lag_seconds',
    help: 'How far back the latest moment lies for which everything submitted is in; nothing when it could not be asked.',
    registers,
    async collect() {
      const standing = await current();
      if (standing === undefined) this.remove();
      else this.set(Math.max(0, clock.nowUs() - standing.asOfUs) / MICROS_PER_SECOND);
    },
  });
}
