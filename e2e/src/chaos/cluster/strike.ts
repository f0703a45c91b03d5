// Deals blows to a cluster. Each is over when what was killed lives again; a frozen process wakes by itself while other blows fall.
import type { Random } from '@assay/kernel';
import type { LocalCluster, ManagedProcess, ServiceName } from '@assay/infra';
import { Redis } from 'ioredis';
import { pause, say } from '../progress.ts';
import type { Blow, KilledKind } from './blows.ts';

const SERVICE_OF: Partial<Record<Blow, ServiceName>> = {
  gateway: 'stratum-gateway',
  validator: 'validator',
  aggregator: 'aggregator',
  graphql: 'graphql-gateway',
  'freeze-validator': 'validator',
  'freeze-aggregator': 'aggregator',
};

/** Longer than a member of a consumer group may be silent (15 s) and its partitions take to move. */
const FREEZE_MS = 20_000;
/** Longer than an append may take (10 s). */
const FREEZE_BROKER_MS = 14_000;
/** Longer than a gateway waits before it spools (2 s). */
const OUTAGE_MS = 8_000;
const LONG_BROKER_LOSS_MS = 8_000;
const SHORT_DOWN_MS = 2_000;

export class Striker {
  readonly #cluster: LocalCluster;
  readonly #random: Random;
  readonly #frozen = new Map<ManagedProcess, Promise<void>>();
  /** SIGKILLs so far, by kind. */
  readonly kills = new Map<KilledKind, number>();

  constructor(cluster: LocalCluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
  }

  get totalKills(): number {
    return [...this.kills.values()].reduce((sum, kills) => sum + kills, 0);
  }

  /** Resolves with what was struck, once it lives again (a frozen process: at once). */
  async strike(blow: Blow): Promise<string> {
    const random = this.#random;
    switch (blow) {
      case 'gateway':
      case 'validator':
      case 'aggregator':
      case 'graphql':
        return this.#kill(blow, [this.#pick(blow)], random.below(SHORT_DOWN_MS));
      case 'broker': {
        const downMs = random.chance(0.3) ? LONG_BROKER_LOSS_MS : random.below(SHORT_DOWN_MS);
        return this.#kill(blow, [random.pick(this.#awake(this.#cluster.kafka.brokers))], downMs);
      }
      case 'redis':
        return this.#kill(blow, [this.#cluster.redis.process], random.below(SHORT_DOWN_MS));
      case 'clickhouse':
        return this.#kill(blow, [this.#cluster.clickHouse.process], random.below(SHORT_DOWN_MS));
      case 'outage': {
        const spared = random.pick(this.#cluster.kafka.brokers);
        const others = this.#cluster.kafka.brokers.filter((broker) => broker !== spared);
        const downMs = OUTAGE_MS + random.below(OUTAGE_MS);
        const gatewayFalls = pause(downMs / 2).then(() => this.#kill('gateway', [this.#pick('gateway')], 0));
        const [brokers, gateway] = await Promise.all([this.#kill('broker', others, downMs), gatewayFalls]);
        return `${brokers}; meanwhile ${gateway}`;
      }
      case 'flush':
        await flushRedis(this.#cluster.redis.url);
        return 'redis emptied';
      case 'freeze-validator':
      case 'freeze-aggregator':
        return this.#freeze(this.#pick(blow), FREEZE_MS);
      case 'freeze-broker':
        return this.#freeze(random.pick(this.#awake(this.#cluster.kafka.brokers)), FREEZE_BROKER_MS);
    }
  }

  /** Resolves when nothing is frozen any more. */
  async allAwake(): Promise<void> {
    await Promise.all(this.#frozen.values());
  }

  #pick(blow: Blow): ManagedProcess {
    const services = this.#cluster.servicesOf(SERVICE_OF[blow]!).map(({ process }) => process);
    return this.#random.pick(this.#awake(services));
  }

  #awake(processes: readonly ManagedProcess[]): ManagedProcess[] {
    return processes.filter((process) => !this.#frozen.has(process));
  }

  async #kill(kind: KilledKind, processes: readonly ManagedProcess[], downMs: number): Promise<string> {
    await Promise.all(processes.map((process) => process.kill()));
    this.kills.set(kind, (this.kills.get(kind) ?? 0) + processes.length);
    await pause(downMs);
    await Promise.all(processes.map((process) => process.start()));
    return `${processes.map(({ name }) => name).join(' and ')} killed, away for ${downMs} ms`;
  }

  #freeze(process: ManagedProcess, forMs: number): string {
    process.pause();
    const awake = pause(forMs).then(() => {
      process.resume();
      this.#frozen.delete(process);
      say(`${process.name} wakes`);
    });
    this.#frozen.set(process, awake);
    return `${process.name} frozen for ${forMs} ms`;
  }
}

async function flushRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
