// One machine of a large farm on a raw connection: it connects again whenever it is thrown out, as firmware does, and mines at a rate of
// its own when it is told to. Light: ten thousand of them share one process.
import { assert } from '@assay/kernel';
import { MinerSession, type NonceSearch } from '@assay/sim';
import { RawConnection } from './raw-connection.ts';

const NONCES = 2 ** 31;
const LINE_FEED = 10;
const HASHES_PER_DIFFICULTY = 2 ** 32;
/** As ESP-Miner and cgminer wait between attempts: 5 s at most, and not all to the same beat. */
const RETRY_MS = 5000;

export interface FarmMachineSettings {
  readonly index: number;
  /** At which its pace is the one vardiff aims at; asked for by password the first time, and never again. */
  readonly difficulty: number;
  /** Where each machine tells what happens to it. */
  readonly farm: FarmListener;
}

export interface FarmListener {
  /** It has a job, the first on this connection. */
  working(machine: FarmMachine): void;
  /** A job came; of a lazy machine, a whole line. */
  job(machine: FarmMachine): void;
  answered(accepted: boolean): void;
  /** Thrown out, or not let in. */
  lost(machine: FarmMachine): void;
}

export class FarmMachine {
  /** The difficulty last told. */
  difficulty = 0;
  /** What the pool has on record: the difficulty of its last accepted share, or the one it was given when it came, which it was at once. */
  recorded = 0;
  closed = false;
  /** Keeps what it is sent without reading it, as long as only its arrival is of interest; it is read when that ends. */
  get lazy(): boolean {
    return this.#lazy;
  }
  set lazy(lazy: boolean) {
    this.#lazy = lazy;
    if (!lazy) for (const bytes of this.#unread.splice(0)) this.#read(bytes);
  }
  #lazy = false;
  readonly #unread: Uint8Array[] = [];
  readonly #settings: FarmMachineSettings;
  #connection: RawConnection | undefined;
  #session: MinerSession | undefined;
  #partial = '';
  #connectedBefore = false;
  #working = false;

  constructor(settings: FarmMachineSettings) {
    this.#settings = settings;
  }

  get working(): boolean {
    return this.#working;
  }

  get unanswered(): number {
    return this.#session?.unanswered ?? 0;
  }

  /** Hashes per second at which its pace is `sharesPerMinute` at its own difficulty. */
  hashRateHs(sharesPerMinute: number): number {
    return (this.#settings.difficulty * HASHES_PER_DIFFICULTY * sharesPerMinute) / 60;
  }

  /** Tries until it is connected; tries again when it is thrown out. */
  async connect(port: number): Promise<void> {
    while (!this.closed) {
      try {
        const connection = await RawConnection.open(port);
        return this.#opened(connection, port);
      } catch {
        this.#settings.farm.lost(this);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS * Math.random()));
      }
    }
  }

  close(): void {
    this.closed = true;
    this.#connection?.close();
  }

  /** Finds and submits a share of the present job. */
  mine(search: NonceSearch): void {
    const session = this.#session;
    const work = session?.work();
    if (!this.#working || session === undefined || work === undefined) return;
    search.search(work.header, work.target, 0, NONCES, (nonce) => {
      const line = session.submit(work, nonce);
      if (line !== undefined) this.#connection!.write(line);
      return false;
    });
  }

  #opened(connection: RawConnection, port: number): void {
    const { index, difficulty, farm } = this.#settings;
    this.#connection = connection;
    this.#partial = '';
    const session = new MinerSession({
      username: `tenant${index % 10}.site${index % 7}.r${index % 100}.m${String(index).padStart(5, '0')}`,
      password: this.#connectedBefore ? 'x' : `d=${difficulty.toFixed(8)}`,
      userAgent: 'farm/1.0',
      algorithm: 'sha256d',
      versionMask: 0x1fffe000,
    });
    this.#session = session;
    this.#connectedBefore = true;
    this.#unread.length = 0;
    connection.onBytes = (bytes) => {
      if (!this.#lazy) return this.#read(bytes);
      this.#unread.push(bytes.slice());
      if (bytes[bytes.length - 1] === LINE_FEED) farm.job(this);
    };
    connection.onLost = () => {
      // Told of the error and of the close.
      if (this.closed || this.#connection !== connection) return;
      this.#connection = undefined;
      this.#working = false;
      farm.lost(this);
      setTimeout(() => void this.connect(port), RETRY_MS * Math.random());
    };
    connection.write(session.open().join(''));
  }

  #read(bytes: Uint8Array): void {
    const { farm } = this.#settings;
    const text = this.#partial + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const lines = text.split('\n');
    this.#partial = lines.pop()!;
    for (const line of lines) {
      if (line.includes('"method":"mining.set_difficulty"'))
        this.difficulty = (JSON.parse(line) as { params: [number] }).params[0];
      for (const item of this.#session!.receive(line).news) {
        if (item.type === 'authorized') assert(item.ok, `not authorized: ${line}`);
        if (item.type === 'answer') {
          farm.answered(item.answer.accepted);
          if (item.answer.accepted) this.recorded = item.answer.work.difficulty;
        }
        if (item.type !== 'job') continue;
        farm.job(this);
        if (this.#working) continue;
        this.#working = true;
        this.recorded = this.difficulty;
        farm.working(this);
      }
    }
  }
}
