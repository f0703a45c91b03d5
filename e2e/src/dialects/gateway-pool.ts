// A stratum gateway of its own for each quirk, on a log in memory, with shares so easy that they are found at once; its jobs are its own or
// those of an upstream pool, in which case that pool has to credit what was found.
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { Registry, parseSettings, silentLogger } from '@assay/platform';
import { decodeSubmitted } from '@assay/share-block';
import { gatewaySettings, startStratumGateway, type GatewayConfig } from '@assay/stratum-gateway';
import { CountingPool } from '@assay/sim';
import type { WorkerEvent } from '@assay/tenancy';
import { waitFor } from '../harness/wait-for.ts';
import type { DialectPool, PoolRecord } from './dialect-pool.ts';

/** Some 43 hashes a share. */
const EASY = 1e-8;

/** No share is found that is worth this much, so that an upstream pool is asked for none. */
const HARD = 2 ** 40;
const PATIENCE_MS = 10_000;

/** Where a gateway's jobs come from: its own, or a pool that wants every share, or one that gets none. */
export type Jobs = 'own' | 'upstream, easy' | 'upstream, hard';

type Gateway = Awaited<ReturnType<typeof startStratumGateway>>;

export class GatewayPool implements DialectPool {
  readonly host = '127.0.0.1';
  readonly record: PoolRecord;
  readonly restart = async (): Promise<void> => {
    await this.#gateway.stop();
    this.#gateway = await start(this.#config, this.#log);
  };
  readonly #config: GatewayConfig;
  readonly #log: EventLog;
  readonly #upstream: Upstream | undefined;
  #gateway: Gateway;
  #stopped: Promise<void> | undefined;

  private constructor(config: GatewayConfig, log: EventLog, gateway: Gateway, upstream: Upstream | undefined) {
    this.#upstream = upstream;
    this.#config = config;
    this.#log = log;
    this.#gateway = gateway;
    this.record = {
      shares: () => this.#shares(),
      creditedDifficulties: () => this.#creditedDifficulties(),
      authorizedAtEnd: async () => {
        await this.stop();
        const events = (await this.#values(TOPIC.workerEvents)).map(
          (value) => JSON.parse(Buffer.from(value).toString()) as WorkerEvent,
        );
        return events.filter(({ type }) => type === 'authorized').length;
      },
    };
  }

  /** @param changes by the names of the gateway's config; one that it does not have is refused */
  static async start(changes: Readonly<Record<string, unknown>> = {}, jobs: Jobs = 'own'): Promise<GatewayPool> {
    const log = openMemoryEventLog({ clock: systemClock });
    await log.ensureTopics(topicSpecs(2));
    const defaults = parseSettings(gatewaySettings, { ASSAY_STRATUM_PORT: '0' });
    const unknown = Object.keys(changes).find((name) => !(name in defaults));
    if (unknown !== undefined) throw new Error(`the gateway has no setting ${unknown}`);
    const easy = { minDifficulty: EASY, startDifficulty: EASY, startDifficultyRolling: EASY, lingerMs: 1 };
    const upstream =
      jobs === 'own' ? undefined : await Upstream.start(jobs === 'upstream, easy' ? EASY : HARD, changes);
    const config: GatewayConfig = { ...defaults, ...easy, ...changes, ...upstream?.settings };
    return new GatewayPool(config, log, await start(config, log), upstream);
  }

  get port(): number {
    return this.#gateway.port;
  }

  async stop(): Promise<void> {
    await (this.#stopped ??= this.#gateway.stop().then(() => this.#upstream?.stop()));
  }

  /** Shares the upstream pool credited, once it has credited as many as are on record as accepted or some time has passed; and those it refused. */
  async creditedUpstream(): Promise<{ accepted: number; credited: number; refused: number }> {
    const accepted = Object.values(await this.#shares()).reduce((sum, of) => sum + of.accepted, 0);
    const { credited, refused } = this.#upstream!.pool;
    await waitFor('the upstream pool to credit', PATIENCE_MS, () => credited.size >= accepted).catch(() => undefined);
    return { accepted, credited: credited.size, refused: [...refused.values()].reduce((sum, count) => sum + count, 0) };
  }

  async #values(topic: string): Promise<Uint8Array[]> {
    const partitions = Array.from({ length: await this.#log.partitions(topic) }, (_, partition) => partition);
    const read = partitions.map((partition) =>
      this.#log.readFrom(topic, partition, 0, { maxRecords: 10_000, maxBytes: 2 ** 28, waitMs: 0 }),
    );
    return (await Promise.all(read)).flat().map(({ value }) => value);
  }

  async #shares(): Promise<Record<string, { accepted: number; rejected: number }>> {
    const tally: Record<string, { accepted: number; rejected: number }> = {};
    for (const value of await this.#values(TOPIC.sharesSubmitted)) {
      const { count, worker, rejectCode } = decodeSubmitted(value);
      for (let i = 0; i < count; i++) {
        const of = (tally[worker.values[worker.codes[i]!]!] ??= { accepted: 0, rejected: 0 });
        if (rejectCode[i] === 0) of.accepted++;
        else of.rejected++;
      }
    }
    return tally;
  }

  async #creditedDifficulties(): Promise<number[]> {
    return (await this.#values(TOPIC.sharesSubmitted)).flatMap((value) => {
      const { count, difficulty } = decodeSubmitted(value);
      return Array.from({ length: count }, (_, i) => difficulty[i]!);
    });
  }
}

async function start(config: GatewayConfig, log: EventLog): Promise<Gateway> {
  const ports = { log, clock: systemClock, logger: silentLogger, registry: new Registry() };
  const gateway = await startStratumGateway(config, ports);
  // An upstream pool's first job takes its time; without one, a miner that comes now would be kept waiting.
  await waitFor('a first job', PATIENCE_MS, async () => (await gateway.ready()).ready);
  return gateway;
}

/** A simulated pool, with as many new jobs as the gateway would make itself. */
class Upstream {
  readonly pool: CountingPool;
  readonly settings: Partial<GatewayConfig>;
  readonly #timer: NodeJS.Timeout | undefined;

  private constructor(pool: CountingPool, jobSeconds: unknown) {
    this.pool = pool;
    this.settings = { upstreamUrl: `stratum+tcp://127.0.0.1:${pool.port}`, upstreamUser: 'acme' };
    if (typeof jobSeconds === 'number') this.#timer = setInterval(() => pool.newJob(false), jobSeconds * 1000);
  }

  static async start(difficulty: number, { jobSeconds }: Readonly<Record<string, unknown>>): Promise<Upstream> {
    // Room for the longest extranonce2 a machine may have, so that part of it has to be filled.
    const pool = new CountingPool({ difficulty, extranonce2Bytes: 12 });
    await pool.start();
    return new Upstream(pool, jobSeconds);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.pool.stop();
  }
}
