// A miner that shares no code with the pool: it speaks as the cpuminer family does (subscribe is 1, authorize 2, extranonce.subscribe 3,
// every submit 4, replies paired by order) and hashes with node:crypto alone. What it proves, any miner can.
import { createHash, scryptSync } from 'node:crypto';
import { connect, type Socket } from 'node:net';

const sha256d = (bytes: Buffer): Buffer =>
  createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
/** How each algorithm hashes a header, and its difficulty-1 target: scrypt pools' is 2^16 times easier than bitcoin's. */
const ALGORITHMS = {
  sha256d: { hash: sha256d, difficultyOne: 0xffffn << 208n },
  scrypt: {
    hash: (header: Buffer): Buffer => scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }),
    difficultyOne: 0xffffn << 224n,
  },
};

export interface CpuMinerOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Stops mining after this many submits; it stays connected. */
  readonly submits: number;
  /** Hashes per second it holds itself to; Infinity mines as fast as it can. */
  readonly hashRateHs?: number;
  /** What the port takes; a machine does not say it. */
  readonly algorithm?: keyof typeof ALGORITHMS;
}

export class CpuMiner {
  readonly replies: unknown[] = [];
  readonly lines: string[] = [];
  accepted = 0;
  rejected = 0;
  /** Hashes done since the first job. */
  hashes = 0;
  firstHashAtMs = 0;
  difficulty = 0;
  readonly #options: CpuMinerOptions;
  readonly #socket: Socket;
  #extranonce1 = '';
  #extranonce2Size = 0;
  #job: string[] = [];
  #branches: string[] = [];
  #submitted = 0;
  #extranonce2 = 0;
  #closed = false;

  constructor(options: CpuMinerOptions) {
    this.#options = options;
    this.#socket = connect(options.port, '127.0.0.1');
    this.#socket.setEncoding('utf8');
    this.#send({ id: 1, method: 'mining.subscribe', params: ['cpuminer/2.5.1'] });
    let partial = '';
    this.#socket.on('data', (chunk: string) => {
      const lines = (partial + chunk).split('\n');
      partial = lines.pop()!;
      for (const line of lines) this.#receive(line);
    });
    this.#socket.on('error', () => this.close());
    this.#socket.on('close', () => (this.#closed = true));
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #send(message: object): void {
    this.#socket.write(JSON.stringify(message) + '\n');
  }

  #receive(line: string): void {
    this.lines.push(line);
    const message = JSON.parse(line) as {
      id: unknown;
      method?: string;
      params?: unknown[];
      result?: unknown;
      error?: unknown;
    };
    if (message.method === 'mining.set_difficulty') this.difficulty = Number(message.params![0]);
    else if (message.method === 'mining.notify') this.#notify(message.params!);
    else if (message.id === 1) {
      const [, extranonce1, size] = message.result as [unknown, string, number];
      [this.#extranonce1, this.#extranonce2Size] = [extranonce1, size];
      this.#send({ id: 2, method: 'mining.authorize', params: [this.#options.user, this.#options.password] });
    } else if (message.id === 2) {
      if (message.result !== true) throw new Error(`not authorized: ${line}`);
      this.#send({ id: 3, method: 'mining.extranonce.subscribe', params: [] });
      setImmediate(() => this.#mine());
    } else if (message.id === 4) {
      if (message.result === true) this.accepted++;
      else this.rejected++;
      this.replies.push(message);
    }
  }

  #notify(params: unknown[]): void {
    this.#job = params.map(String);
    this.#branches = params[4] as string[];
  }

  #header(extranonce2: string): Buffer {
    const [, prevHash, coinbase1, coinbase2, , version, nbits, ntime] = this.#job as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    let root = sha256d(Buffer.from(coinbase1 + this.#extranonce1 + extranonce2 + coinbase2, 'hex'));
    for (const branch of this.#branches) root = sha256d(Buffer.concat([root, Buffer.from(branch, 'hex')]));
    return Buffer.concat([
      Buffer.from(version, 'hex').reverse(),
      Buffer.from(prevHash, 'hex').swap32(),
      root,
      Buffer.from(ntime, 'hex').reverse(),
      Buffer.from(nbits, 'hex').reverse(),
      Buffer.alloc(4),
    ]);
  }

  /** Mines a slice, then lets the socket be read; a new job is taken up with the next slice. */
  #mine(): void {
    if (this.#closed || this.#submitted >= this.#options.submits) return;
    const again = (delayMs: number): void => void setTimeout(() => this.#mine(), delayMs);
    if (this.#job.length === 0 || this.difficulty === 0) return again(10);
    this.firstHashAtMs ||= performance.now();
    const allowed =
      (this.#options.hashRateHs ?? Infinity) * ((performance.now() - this.firstHashAtMs) / 1000) - this.hashes;
    const slice = Math.min(this.#options.algorithm === 'scrypt' ? 50 : 5000, Math.floor(allowed));
    if (slice < 1) return again(5);
    const [jobId, ntime] = [this.#job[0]!, this.#job[7]!];
    const extranonce2 = (++this.#extranonce2).toString(16).padStart(this.#extranonce2Size * 2, '0');
    const header = this.#header(extranonce2);
    const { hash: hashOf, difficultyOne } = ALGORITHMS[this.#options.algorithm ?? 'sha256d'];
    const target = (difficultyOne * 10n ** 12n) / BigInt(Math.round(this.difficulty * 1e12));
    for (let nonce = 0; nonce < slice && this.#submitted < this.#options.submits; nonce++) {
      header.writeUInt32LE(nonce, 76);
      this.hashes++;
      const hash = hashOf(header);
      if (hash[31] !== 0 && this.difficulty >= 1) continue;
      if (BigInt(`0x${Buffer.from(hash).reverse().toString('hex')}`) > target) continue;
      this.#submitted++;
      this.#send({
        id: 4,
        method: 'mining.submit',
        params: [this.#options.user, jobId, extranonce2, ntime, nonce.toString(16).padStart(8, '0')],
      });
    }
    again(0);
  }
}
