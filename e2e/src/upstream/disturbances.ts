// What happens to a pool in the life of a farm, seeded: connections cut, the pool away for seconds, other difficulties, another
// extranonce, new blocks, clients asked to reconnect.
import type { Random } from '@assay/kernel';
import type { CountingPool } from '@assay/sim';

export const DISTURBANCES = ['drop', 'away', 'difficulty', 'extranonce', 'block', 'reconnect', 'job'] as const;
export type Disturbance = (typeof DISTURBANCES)[number];

/** How often each comes about, of all of them together: new jobs and blocks are everyday. */
const WEIGHT: Readonly<Record<Disturbance, number>> = {
  drop: 2,
  away: 1,
  difficulty: 3,
  extranonce: 2,
  block: 3,
  reconnect: 1,
  job: 4,
};
const AWAY_SECONDS = { least: 1, most: 5 };
/** Factors of the difficulty a pool began with. */
const DIFFICULTIES = [0.25, 0.5, 1, 2, 4];

export function chooseDisturbance(random: Random): Disturbance {
  let at = random.float() * Object.values(WEIGHT).reduce((sum, weight) => sum + weight, 0);
  for (const disturbance of DISTURBANCES) if ((at -= WEIGHT[disturbance]) < 0) return disturbance;
  return 'job';
}

/** Does it, and is done when the pool is as usual again. @param difficulty what the pool began with */
export async function disturb(
  pool: CountingPool,
  disturbance: Disturbance,
  difficulty: number,
  random: Random,
): Promise<void> {
  switch (disturbance) {
    case 'drop':
      return pool.dropAll();
    case 'away': {
      await pool.stop();
      const seconds = AWAY_SECONDS.least + random.float() * (AWAY_SECONDS.most - AWAY_SECONDS.least);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      await pool.start();
      return;
    }
    case 'difficulty':
      pool.setDifficulty(difficulty * DIFFICULTIES[Math.floor(random.float() * DIFFICULTIES.length)]!);
      return pool.newJob(false);
    case 'extranonce':
      return pool.changeExtranonce();
    case 'block':
      return pool.newJob(true);
    case 'reconnect':
      return pool.reconnect('127.0.0.1', pool.port);
    case 'job':
      return pool.newJob(false);
  }
}
