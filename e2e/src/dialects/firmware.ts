// The other end of the wire, as firmware is written: it sends literal lines and reads one line at a time, in order, remembering of
// each what a miner remembers. Nothing is read ahead, so a script sees exactly what a blocking reader would.
import { connect, type Socket } from 'node:net';
import { findShare, type FoundShare } from './independent-hash.ts';

export interface Heard {
  readonly raw: string;
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: unknown;
}

const PATIENCE_MS = 10_000;
/** Lines nobody has read yet; more than this means the pool floods. */
const MAX_UNREAD = 10_000;

export class Firmware {
  extranonce1 = '';
  extranonce2Size = 0;
  difficulty = 0;
  /** The version bits it may roll, as agreed. */
  versionMask = 0;
  /** How many extensions and values the answer to configure spoke of. */
  configured = 0;
  job: readonly unknown[] = [];
  /** Told of every line heard, before anybody else. */
  onHeard: (heard: Heard) => void = () => undefined;
  closed = false;
  readonly #socket: Socket;
  readonly #unread: string[] = [];
  #partial = '';
  #extranonce2 = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      const lines = (this.#partial + chunk).split('\n');
      this.#partial = lines.pop()!;
      this.#unread.push(...lines);
      if (this.#unread.length > MAX_UNREAD) socket.destroy();
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async connect(host: string, port: number): Promise<Firmware> {
    const socket = connect({ host, port, noDelay: true });
    const firmware = new Firmware(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return firmware;
  }

  /** Text as it stands, line ends and all. */
  say(text: string): void {
    this.#socket.write(text);
  }

  /** The next line. */
  async hear(): Promise<Heard> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.#unread.length === 0) {
      if (this.closed) throw new Error('the pool closed the connection');
      if (Date.now() > deadline) throw new Error(`the pool said nothing for ${PATIENCE_MS} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const raw = this.#unread.shift()!;
    const heard: Heard = { raw, ...(JSON.parse(raw) as object) };
    this.#remember(heard);
    this.onHeard(heard);
    return heard;
  }

  /** The next line that is an answer; notifications on the way are taken note of. */
  async answer(): Promise<Heard> {
    let heard = await this.hear();
    while (heard.method !== undefined) heard = await this.hear();
    return heard;
  }

  /** A share of the present job, a new one each time. */
  share(version?: number): FoundShare {
    const share = findShare(this, this.#extranonce2, version);
    this.#extranonce2 = parseInt(share.extranonce2, 16) + 1;
    return share;
  }

  close(): void {
    this.#socket.destroy();
  }

  #remember({ method, params, result }: Heard): void {
    if (method === 'mining.set_difficulty') this.difficulty = params![0] as number;
    else if (method === 'mining.set_version_mask') this.versionMask = parseInt(params![0] as string, 16);
    else if (method === 'mining.set_extranonce') [this.extranonce1, this.extranonce2Size] = params as [string, number];
    else if (method === 'mining.notify') this.job = params!;
    else if (Array.isArray(result) && result.length === 3)
      [, this.extranonce1, this.extranonce2Size] = result as [unknown, string, number];
    else if (typeof result === 'object' && result !== null && !Array.isArray(result)) {
      this.configured = Object.keys(result).length;
      if ('version-rolling.mask' in result) this.versionMask = parseInt(String(result['version-rolling.mask']), 16);
    }
  }
}

/** Eight hex digits, as most firmware sends numbers. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
