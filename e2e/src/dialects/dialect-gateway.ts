// A stratum gateway of its own for each test, on a log in memory, with shares so easy that they are found at once.
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { Registry, parseSettings, silentLogger } from '@assay/platform';
import { decodeSubmitted } from '@assay/share-block';
import { gatewaySettings, startStratumGateway, type GatewayConfig } from '@assay/stratum-gateway';
import type { WorkerEvent } from '@assay/tenancy';
import { Firmware } from './firmware.ts';

/** Some 43 hashes a share. */
export const EASY = 1e-8;

export class DialectGateway {
  readonly #gateway: Awaited<ReturnType<typeof startStratumGateway>>;
  readonly #values: (topic: string) => Promise<Uint8Array[]>;
  readonly #miners: Firmware[] = [];
  #stopped: Promise<void> | undefined;

  private constructor(
    gateway: Awaited<ReturnType<typeof startStratumGateway>>,
    values: (topic: string) => Promise<Uint8Array[]>,
  ) {
    this.#gateway = gateway;
    this.#values = values;
  }

  static async start(changes: Partial<GatewayConfig> = {}): Promise<DialectGateway> {
    const log = openMemoryEventLog({ clock: systemClock });
    await log.ensureTopics(topicSpecs(2));
    const defaults = parseSettings(gatewaySettings, { ASSAY_STRATUM_PORT: '0' });
    const config = {
      ...defaults,
      minDifficulty: EASY,
      startDifficulty: EASY,
      startDifficultyRolling: EASY,
      lingerMs: 1,
      ...changes,
    };
    const gateway = await startStratumGateway(config, {
      log,
      clock: systemClock,
      logger: silentLogger,
      registry: new Registry(),
    });
    return new DialectGateway(gateway, async (topic) => {
      const partitions = Array.from({ length: await log.partitions(topic) }, (_, partition) => partition);
      const read = partitions.map((partition) =>
        log.readFrom(topic, partition, 0, { maxRecords: 10_000, maxBytes: 2 ** 28, waitMs: 0 }),
      );
      return (await Promise.all(read)).flat().map(({ value }) => value);
    });
  }

  async connect(): Promise<Firmware> {
    const miner = await Firmware.connect(this.#gateway.port);
    this.#miners.push(miner);
    return miner;
  }

  /** A miner past a plain handshake, with a first job. */
  async ready(worker: string, password = 'x'): Promise<Firmware> {
    const miner = await this.connect();
    miner.say(
      '{"id":1,"method":"mining.subscribe","params":["test/1"]}',
      `{"id":2,"method":"mining.authorize","params":["${worker}","${password}"]}`,
    );
    await miner.firstJob();
    return miner;
  }

  /** Shares in the log by worker: accepted so far as the gateway's checks go, and refused. */
  async shares(): Promise<Record<string, { accepted: number; rejected: number }>> {
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

  /** What each share in the log counts for. */
  async creditedDifficulties(): Promise<number[]> {
    return (await this.#values(TOPIC.sharesSubmitted)).flatMap((value) => {
      const { count, difficulty } = decodeSubmitted(value);
      return Array.from({ length: count }, (_, i) => difficulty[i]!);
    });
  }

  /** All of them; the gateway stops first, since that is when none is still on its way to the log. */
  async eventsAtEnd(): Promise<WorkerEvent[]> {
    await this.stop();
    return (await this.#values(TOPIC.workerEvents)).map(
      (value) => JSON.parse(Buffer.from(value).toString()) as WorkerEvent,
    );
  }

  async stop(): Promise<void> {
    for (const miner of this.#miners) miner.close();
    await (this.#stopped ??= this.#gateway.stop());
  }
}
