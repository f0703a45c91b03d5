// The difficulties workers had when the pool stopped, so that miners go on at them when it starts again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';

/** Miners that come back before it is current start where new ones do, and flood the pool; a second more without one costs less. */
const PATIENCE_US = 30_000_000;
const LOOK_EVERY_MS = 50;

/** By worker, once the live state is current. A pool whose live state is not soon starts with what there is. */
export async function lastDifficulties(live: LiveState, clock: Clock): Promise<Map<string, number>> {
  const giveUpAtUs = clock.nowUs() + PATIENCE_US;
  while (!(await live.standing(clock.nowUs())).live && clock.nowUs() < giveUpAtUs) await sleep(LOOK_EVERY_MS);
  const workers = await live.workers(clock.nowUs());
  return new Map(workers.map(({ worker, difficulty }) => [worker, difficulty]));
}
