// What can befall a cluster, and the seeded order in which it does.
import type { Random } from '@assay/kernel';

/** A process of the kind is killed with SIGKILL and started again after a while. */
export const KILLED_KINDS = ['gateway', 'validator', 'aggregator', 'graphql', 'broker', 'redis', 'clickhouse'] as const;
export type KilledKind = (typeof KILLED_KINDS)[number];

/**
 * `flush` empties Redis. `freeze-...` stops a process by SIGSTOP: a validator or an aggregator for longer than its group waits for a silent
 * member, so that its partitions go to others and a zombie wakes; a broker for longer than an append may take, so that nobody knows what
 * became of the appends it had. `outage` kills two of three brokers, so that Kafka takes nothing until they are back, and meanwhile a
 * gateway, which comes back with shares in its spool and nobody to ask where they belong.
 */
export const OTHER_BLOWS = ['flush', 'freeze-validator', 'freeze-aggregator', 'freeze-broker', 'outage'] as const;
export type Blow = KilledKind | (typeof OTHER_BLOWS)[number];

/** One of each other blow for about so many kills. */
const KILLS_PER_OTHER = 15;

/** Every kind at least once, `kills` kills in all, and the other blows among them. */
export function planBlows(random: Random, kills: number): Blow[] {
  const killed: Blow[] = [...KILLED_KINDS];
  while (killed.length < kills) killed.push(random.pick(KILLED_KINDS));
  shuffle(random, killed);
  const rounds = Math.max(1, Math.round(kills / KILLS_PER_OTHER));
  for (let round = 0; round < rounds; round++)
    for (const blow of OTHER_BLOWS) killed.splice(random.below(killed.length), 0, blow);
  return killed;
}

function shuffle<T>(random: Random, items: T[]): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
}
