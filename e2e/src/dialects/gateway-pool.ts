// A stratum gateway of its own for each quirk, on a log in memory, with shares so easy that they are found at once.
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { Registry, parseSettings, silentLogger } from '@assay/platform';
import { decodeSubmitted } from '@assay/share-block';
import { gatewaySettings, startStratumGateway, type GatewayConfig } from '@assay/stratum-gateway';
import type { WorkerEvent } from '@assay/tenancy';
import type { DialectPool, PoolRecord } from './dialect-pool.ts';

/** Some 43 hashes a share. */
const EASY = 1e-8;

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
  #gateway: Gateway;
  #stopped: Promise<void> | undefined;

  private constructor(config: GatewayConfig, log: EventLog, gateway: Gateway) {
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
  static async start(changes: Readonly<Record<string, unknown>> = {}): Promise<GatewayPool> {
    const log = openMemoryEventLog({ clock: systemClock });
    await log.ensureTopics(topicSpecs(2));
    const defaults = parseSettings(gatewaySettings, { ASSAY_STRATUM_PORT: '0' });
    const unknown = Object.keys(changes).find((name) => !(name in defaults));
    if (unknown !== undefined) throw new Error(`the gateway has no setting ${unknown}`);
    const easy = { minDifficulty: EASY, startDifficulty: EASY, startDifficultyRolling: EASY, lingerMs: 1 };
    const config: GatewayConfig = { ...defaults, ...easy, ...changes };
    return new GatewayPool(config, log, await start(config, log));
  }

  get port(): number {
    return this.#gateway.port;
  }

  async stop(): Promise<void> {
    await (this.#stopped ??= this.#gateway.stop());
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

function start(config: GatewayConfig, log: EventLog): Promise<Gateway> {
  return startStratumGateway(config, { log, clock: systemClock, logger: silentLogger, registry: new Registry() });
}
