// A live state that loses calls before or after they took effect, as a Redis does whose connection breaks.
import type { Random } from '@assay/kernel';
import { LiveStateError, type LiveState } from '@assay/live-state';

/** @param chance of a call to fail; asked anew every time */
export function lossyLiveState(live: LiveState, random: Random, chance: () => number): LiveState {
  const lossy = async <T>(call: () => Promise<T>): Promise<T> => {
    const fails = random.chance(chance());
    if (fails && random.chance(0.5)) throw new LiveStateError('simulated: the request was lost');
    const result = await call();
    if (fails) throw new LiveStateError('simulated: the answer was lost');
    return result;
  };
  return {
    apply: (update) => lossy(() => live.apply(update)),
    rebuild: (epoch, read) => lossy(() => live.rebuild(epoch, read)),
    standing: (nowUs) => lossy(() => live.standing(nowUs)),
    workers: (nowUs, tenant) => lossy(() => live.workers(nowUs, tenant)),
    worker: (nowUs, name) => lossy(() => live.worker(nowUs, name)),
    subscribe: (listener) => live.subscribe(listener),
    close: () => live.close(),
  };
}
