// A miner for tests: real TCP, real hashes by node:crypto, everything computed from the lines it was sent, as a miner would.
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A job as notify gave it, with the difficulty announced before it. */
export interface TestJob {
  readonly id: string;
  readonly prevHash: string;
  readonly coinbase1: string;
  readonly coinbase2: string;
  readonly branches: readonly string[];
  readonly version: string;
  readonly nbits: string;
  readonly ntime: string;
  readonly clean: boolean;
  readonly difficulty: number;
}

export interface MinedShare {
  readonly jobId: string;
  readonly extranonce2: string;
  readonly ntime: string;
  readonly nonce: string;
}

const WAIT_MS = 10_000;

export class TestMiner {
  readonly socket: Socket;
  readonly lines: string[] = [];
  readonly messages: Message[] = [];
  readonly jobs: TestJob[] = [];
  extranonce1 = '';
  extranonce2Size = 0;
  difficulty = 0;
  closed = false;
  #partial = '';
  #nextId = 1;
  #extranonce2 = 0;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** @param localAddress where it comes from; on Linux any of 127.0.0.0/8 */
  static async connect(port: number, localAddress = '127.0.0.1'): Promise<TestMiner> {
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    const miner = new TestMiner(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return miner;
  }

  /** On a connection of the test's own. */
  static over(socket: Socket): TestMiner {
    return new TestMiner(socket);
  }

  /** Connected, subscribed, authorized, with a first job. */
  static async ready(port: number, worker: string, password = 'x'): Promise<TestMiner> {
    const miner = await TestMiner.connect(port);
    await miner.subscribe();
    const authorized = await miner.call('mining.authorize', [worker, password]);
    if (authorized.result !== true) throw new Error(`not authorized: ${JSON.stringify(authorized)}`);
    await miner.until(() => miner.jobs.length > 0, 'a first job');
    return miner;
  }

  async subscribe(agent = 'test-miner/1.0'): Promise<void> {
    const { result } = await this.call('mining.subscribe', [agent]);
    [, this.extranonce1, this.extranonce2Size] = result as [unknown, string, number];
  }

  get job(): TestJob {
    return this.jobs[this.jobs.length - 1]!;
  }

  send(text: string | Uint8Array): void {
    this.socket.write(text);
  }

  /** Sends a request with an id of its own and waits for the reply. */
  async call(method: string, params: readonly unknown[]): Promise<Message> {
    const id = this.#nextId++;
    this.send(`${JSON.stringify({ id, method, params })}\n`);
    return this.reply(id);
  }

  async reply(id: unknown): Promise<Message> {
    const find = (): Message | undefined =>
      this.messages.find((message) => message.method === undefined && message.id === id);
    await this.until(() => find() !== undefined || this.closed, `a reply to ${JSON.stringify(id)}`);
    const reply = find();
    if (reply === undefined) throw new Error(`closed before the reply to ${JSON.stringify(id)}`);
    return reply;
  }

  /** Waits for a condition that messages of the gateway make true. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`waited in vain for ${what}; last lines: ${this.lines.slice(-5).join(' ')}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** Finds a share of at least the job's difficulty (or of the one given). */
  mine(
    job: TestJob = this.job,
    difficulty: number = job.difficulty,
    options: { readonly version?: number; readonly ntime?: string } = {},
  ): MinedShare {
    const limit = (65535 * 2 ** 208) / difficulty;
    for (;;) {
      const extranonce2 = (this.#extranonce2++).toString(16).padStart(2 * this.extranonce2Size, '0');
      const header = this.header(job, extranonce2, options);
      for (let nonce = 0; nonce < 65_536; nonce++) {
        header.writeUInt32LE(nonce, 76);
        if (asNumber(sha256d(header)) <= limit * (1 - 1e-9)) {
          return {
            jobId: job.id,
            extranonce2,
            ntime: options.ntime ?? job.ntime,
            nonce: nonce.toString(16).padStart(8, '0'),
          };
        }
      }
    }
  }

  header(
    job: TestJob,
    extranonce2: string,
    options: { readonly version?: number; readonly ntime?: string } = {},
  ): Buffer {
    let root = sha256d(Buffer.from(job.coinbase1 + this.extranonce1 + extranonce2 + job.coinbase2, 'hex'));
    for (const branch of job.branches) root = sha256d(Buffer.concat([root, Buffer.from(branch, 'hex')]));
    const header = Buffer.alloc(80);
    header.writeUInt32LE(options.version ?? parseInt(job.version, 16), 0);
    Buffer.from(job.prevHash, 'hex').swap32().copy(header, 4);
    root.copy(header, 36);
    header.writeUInt32LE(parseInt(options.ntime ?? job.ntime, 16), 68);
    header.writeUInt32LE(parseInt(job.nbits, 16), 72);
    return header;
  }

  submit(worker: string, share: MinedShare, versionBits?: string): Promise<Message> {
    const params = [worker, share.jobId, share.extranonce2, share.ntime, share.nonce];
    return this.call('mining.submit', versionBits === undefined ? params : [...params, versionBits]);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.until(() => this.closed, 'its own close');
  }

  #read(chunk: string): void {
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      this.lines.push(line);
      const message = JSON.parse(line) as Message;
      this.messages.push(message);
      if (message.method === 'mining.set_difficulty') this.difficulty = message.params![0] as number;
      if (message.method === 'mining.notify') {
        const [id, prevHash, coinbase1, coinbase2, branches, version, nbits, ntime, clean] = message.params as [
          string,
          string,
          string,
          string,
          string[],
          string,
          string,
          string,
          boolean,
        ];
        this.jobs.push({
          id,
          prevHash,
          coinbase1,
          coinbase2,
          branches,
          version,
          nbits,
          ntime,
          clean,
          difficulty: this.difficulty,
        });
      }
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

function sha256d(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

function asNumber(hash: Buffer): number {
  let value = 0;
  for (let i = 31; i >= 0; i--) value = value * 256 + hash[i]!;
  return value;
}
