// Connections of a real gateway, over sockets, that send what the fuzz targets make of messages, cut into pieces anywhere, a part of them
// behind PROXY headers that are as bad. The gateway answers nothing but whole lines, closes or answers within a time, lets go of all it
// held when they are gone, and an honest miner beside them mines on.
import { connect } from 'node:net';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { topicSpecs } from '@assay/event-log';
import { Random, assert, hexFromUint32, systemClock } from '@assay/kernel';
import { Registry, parseSettings, silentLogger } from '@assay/platform';
import { gatewaySettings, startStratumGateway } from '@assay/stratum-gateway';
import { FUZZ_TARGETS, mutated, readSeeds } from '@assay/stratum/fuzz';
import { Firmware } from '../dialects/firmware.ts';
import { WireRules } from '../dialects/wire-rules.ts';
import { waitFor } from '../harness/wait-for.ts';

const AT_ONCE = 64;
/** One honest share after so many connections. */
const HONEST_EVERY = 500;
const PATIENCE_MS = 20_000;
const EASY = 1e-8;

export interface GatewayFuzzResult {
  readonly connections: number;
  readonly linesHeard: number;
  readonly honestShares: number;
}

/** Throws at the first connection that goes wrong, and names it. */
export async function fuzzGateway(connections: number, seed: number): Promise<GatewayFuzzResult> {
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
  const registry = new Registry();
  const config = {
    ...parseSettings(gatewaySettings, { ASSAY_STRATUM_PORT: '0', ASSAY_PROXY_PROTOCOL_FROM: '127.0.0.1' }),
    ...{ minDifficulty: EASY, startDifficulty: EASY, startDifficultyRolling: EASY, maxBadLines: 8 },
    // All come from this machine, and none of them is to be kept out.
    ...{ acceptsPerSecond: 1_000_000, banPoints: 0 },
  };
  const gateway = await startStratumGateway(config, { log, clock: systemClock, logger: silentLogger, registry });
  const run = new Run(gateway.port, seed);
  try {
    await run.all(connections);
    const gauge = async (name: string): Promise<number> =>
      (await registry.getSingleMetric(`assay_stratum_gateway_${name}`)!.get()).values[0]!.value;
    for (const name of ['connections', 'workers', 'pending_shares', 'pending_replies'])
      await waitFor(`the gateway to let go of its ${name}`, PATIENCE_MS, async () => (await gauge(name)) === 0);
    return { connections, linesHeard: run.linesHeard, honestShares: run.honestShares };
  } finally {
    await gateway.stop();
  }
}

class Run {
  linesHeard = 0;
  honestShares = 0;
  readonly #port: number;
  readonly #seed: number;
  readonly #random: Random;
  readonly #rules = new WireRules();
  readonly #messages = FUZZ_TARGETS['session']!;
  readonly #headers = FUZZ_TARGETS['proxy-header']!;
  readonly #messageSeeds = readSeeds(this.#messages);
  readonly #headerSeeds = readSeeds(this.#headers);

  constructor(port: number, seed: number) {
    this.#port = port;
    this.#seed = seed;
    this.#random = new Random(seed);
  }

  async all(connections: number): Promise<void> {
    const honest = await Firmware.connect('127.0.0.1', this.#port);
    honest.say('PROXY TCP4 192.0.2.1 192.0.2.2 1 3333\r\n');
    honest.say('{"id":1,"method":"mining.subscribe","params":["honest/1"]}\n');
    honest.say('{"id":2,"method":"mining.authorize","params":["acme.north.honest","x"]}\n');
    while (honest.job.length === 0) await honest.hear();
    let begun = 0;
    const worker = async (): Promise<void> => {
      while (begun < connections) {
        const index = begun++;
        if (index % HONEST_EVERY === 0) await this.#honestShare(honest);
        await this.#one(index).catch((problem: unknown) => {
          throw new Error(`gateway, seed ${this.#seed}, connection ${index}: ${String(problem)}`, { cause: problem });
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, connections) }, worker));
    await this.#honestShare(honest);
    honest.close();
  }

  /** Sends its bytes and a ping, and is done when that is answered or the gateway hangs up. */
  async #one(index: number): Promise<void> {
    const random = this.#random.fork();
    const whole = random.chance(0.8);
    const header = whole
      ? Buffer.from(`PROXY TCP4 198.51.100.${random.below(250)} 192.0.2.2 ${index % 65_536} 3333\r\n`)
      : mutated(this.#headerSeeds, this.#headers, random);
    const body = mutated(this.#messageSeeds, { ...this.#messages, pieces: 8 }, random);
    const ping = `\n{"id":"done-${index}","method":"mining.ping","params":[]}\n`;
    const bytes = Buffer.concat([header, body, Buffer.from(ping)]);
    const heard = await this.#exchange(index, bytes, random, `"done-${index}"`);
    for (const line of heard) this.#check(line, index);
    for (const [rule, line] of this.#rules.broken) throw new Error(`the rule of ${rule} is broken: ${line}`);
  }

  #exchange(index: number, bytes: Uint8Array, random: Random, last: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
      let heard = '';
      const done = (): void => {
        clearTimeout(timer);
        socket.destroy();
        // What the last line lacks of its end was on its way when the gateway hung up.
        resolve(heard.split('\n').slice(0, -1));
      };
      const timer = setTimeout(() => {
        socket.destroy();
        // A header that is not finished waits for its rest, as it may.
        if (heard === '' && bytes[0] !== 0x7b) return resolve([]);
        reject(new Error(`neither an answer nor a close within ${PATIENCE_MS} ms, case ${index}`));
      }, PATIENCE_MS);
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        heard += text;
        if (heard.includes(last)) done();
      });
      socket.on('error', done);
      socket.on('close', done);
      socket.on('connect', () => {
        let at = 0;
        const next = (): void => {
          if (socket.destroyed) return;
          const end = random.chance(0.5) ? bytes.length : Math.min(bytes.length, at + 1 + random.below(400));
          socket.write(bytes.subarray(at, end));
          at = end;
          if (at < bytes.length) setImmediate(next);
          // Some hang up without waiting for anything.
          else if (random.chance(0.1)) done();
        };
        next();
      });
    });
  }

  #check(line: string, index: number): void {
    this.linesHeard++;
    const connection = { index };
    this.#rules.hear(connection, { raw: line, ...(JSON.parse(line) as object) });
    this.#rules.closed(connection);
  }

  async #honestShare(miner: Firmware): Promise<void> {
    const id = 1000 + this.honestShares++;
    const { jobId, extranonce2, ntime, nonce } = miner.share();
    const params = ['acme.north.honest', jobId, extranonce2, ntime, hexFromUint32(nonce)];
    miner.say(`${JSON.stringify({ id, method: 'mining.submit', params })}\n`);
    let answer = await miner.answer();
    while (answer.id !== id) answer = await miner.answer();
    assert(answer.result === true, `an honest share was refused: ${answer.raw}`);
  }
}
