// One connection to a pool, over TCP or TLS: the socket and the timers around the state machine in libs/stratum. It is used once: when it has
// ended, another one is made.
// Invariants: it ends by itself when the pool brings no job in time, goes silent, leaves a share unanswered, floods us, or does not read;
// `closed` is told once, and nothing after it.
import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  LineFramer,
  MAX_POOL_LINE_BYTES,
  PoolClient,
  type PoolClientSettings,
  type PoolEffect,
  type PoolExtension,
  type PoolExtranonce,
  type PoolJob,
  type PoolProblem,
  type PoolRedirect,
  type PoolSubmit,
} from '@assay/stratum';
import { TokenBucket } from '../miners/token-bucket.ts';
import type { PoolAddress } from './pool-settings.ts';

export interface UpstreamConnectionSettings extends PoolClientSettings {
  /** Where to connect to: what is configured, or where the pool sent us. */
  readonly address: PoolAddress;
  readonly connectSeconds: number;
  readonly silenceSeconds: number;
  readonly answerSeconds: number;
}

export interface UpstreamConnectionListener {
  job(job: PoolJob): void;
  answer(request: number, accepted: boolean, reason: string): void;
  account(account: string, allowed: boolean, reason: string): void;
  redirect(to: PoolRedirect): void;
  message(text: string): void;
  problem(problem: PoolProblem): void;
  closed(reason: string): void;
}

/** How long the first job waits for a difficulty that some pools never send. */
const DIFFICULTY_MS = 1000;
/** Jobs a pool may send at once, and per second: each goes to every machine. */
const JOBS_BURST = 100;
const JOBS_PER_SECOND = 10;
/** Bytes that may wait for a pool that does not read. */
const MAX_OUTBOUND_BYTES = 1_048_576;

export class UpstreamConnection {
  readonly #settings: UpstreamConnectionSettings;
  readonly #listener: UpstreamConnectionListener;
  readonly #client: PoolClient;
  readonly #socket: Socket;
  readonly #framer = new LineFramer();
  readonly #jobs = new TokenBucket(JOBS_BURST, performance.now() * 1000);
  /** When each share and each account that waits for an answer was sent, oldest first, by performance.now(). */
  readonly #sentAtMs = new Map<number, number>();
  #deadline: NodeJS.Timeout;
  #difficultyTimer: NodeJS.Timeout | undefined;
  readonly #answerTimer: NodeJS.Timeout;
  #begun = false;
  #worked = false;
  #closed = false;

  constructor(settings: UpstreamConnectionSettings, listener: UpstreamConnectionListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#client = new PoolClient(settings);
    const { connectSeconds, answerSeconds } = settings;
    this.#deadline = setTimeout(() => this.close(`no job within ${connectSeconds} s`), connectSeconds * 1000);
    this.#answerTimer = setInterval(() => this.#checkAnswers(), Math.min(1000, answerSeconds * 250));
    this.#socket = connect(settings.address, () => {
      this.#begun = true;
      this.#apply(this.#client.begin());
    });
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, 30_000);
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.close(error.message || error.code || 'failed'));
    this.#socket.on('end', () => this.close('closed by the pool'));
    this.#socket.on('close', () => this.close('closed by the pool'));
  }

  get sessionId(): string {
    return this.#client.sessionId;
  }

  get extranonce(): PoolExtranonce | undefined {
    return this.#client.extranonce;
  }

  /** Whether there was a connection at all. */
  get began(): boolean {
    return this.#begun;
  }

  /** What it has asked for and got no answer to, of what a pool need not know. */
  get unansweredExtension(): PoolExtension | undefined {
    return this.#client.unansweredExtension;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a share. Undefined when it cannot be taken now: too many wait for an answer, or the connection has ended. */
  submit(share: PoolSubmit): number | undefined {
    if (this.#closed) return undefined;
    const call = this.#client.submit(share);
    if (call === undefined) return undefined;
    this.#sentAtMs.set(call.request, performance.now());
    this.#write(call.line);
    return call.request;
  }

  /** Asks for another account. False when that cannot be asked now. */
  authorize(account: string): boolean {
    if (this.#closed) return false;
    const call = this.#client.authorize(account);
    if (call === undefined) return false;
    this.#sentAtMs.set(call.request, performance.now());
    this.#write(call.line);
    return true;
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#difficultyTimer);
    clearInterval(this.#answerTimer);
    this.#socket.destroy();
    this.#listener.closed(reason);
  }

  #read(chunk: Buffer): void {
    const outcome = this.#framer.push(chunk, chunk.length, MAX_POOL_LINE_BYTES, {
      line: (bytes, start, end) => {
        this.#apply(this.#client.receive(bytes, start, end));
        return !this.#closed;
      },
    });
    if (outcome !== 'too_long') return;
    this.#listener.problem('line too long');
    this.close('the pool sent a line that is too long');
  }

  #apply(effects: readonly PoolEffect[]): void {
    for (const effect of effects) {
      if (this.#closed) return;
      switch (effect.type) {
        case 'send':
          this.#write(effect.line);
          break;
        case 'job':
          this.#job(effect.job);
          break;
        case 'answer':
          this.#sentAtMs.delete(effect.request);
          this.#listener.answer(effect.request, effect.accepted, effect.reason);
          break;
        case 'account':
          this.#sentAtMs.delete(effect.request);
          this.#listener.account(effect.account, effect.allowed, effect.reason);
          break;
        case 'redirect':
          this.#listener.redirect(effect.to);
          break;
        case 'message':
          this.#listener.message(effect.text);
          break;
        case 'problem':
          this.#listener.problem(effect.problem);
          break;
        case 'failed':
          this.close(effect.reason);
      }
    }
    if (this.#client.waitsForDifficulty)
      this.#difficultyTimer ??= setTimeout(() => this.#apply(this.#client.assumeDifficulty()), DIFFICULTY_MS);
  }

  #job(job: PoolJob): void {
    if (!this.#jobs.take(performance.now() * 1000, JOBS_PER_SECOND, JOBS_BURST))
      return this.close('the pool floods us with jobs');
    const { silenceSeconds } = this.#settings;
    if (this.#worked) this.#deadline.refresh();
    else {
      clearTimeout(this.#deadline);
      this.#deadline = setTimeout(() => this.close(`no job for ${silenceSeconds} s`), silenceSeconds * 1000);
    }
    this.#worked = true;
    this.#listener.job(job);
  }

  #write(line: Uint8Array): void {
    this.#socket.write(line);
    // Not at once: the caller is in the middle of what it does.
    if (this.#socket.writableLength > MAX_OUTBOUND_BYTES) setImmediate(() => this.close('the pool does not read'));
  }

  #checkAnswers(): void {
    const [oldest] = this.#sentAtMs.values();
    const { answerSeconds } = this.#settings;
    if (oldest !== undefined && performance.now() - oldest > answerSeconds * 1000)
      this.close(`a share was not answered within ${answerSeconds} s`);
  }
}

function connect({ host, port, tls }: PoolAddress, connected: () => void): Socket {
  if (tls === undefined) return connectTcp({ host, port }, connected);
  const { verify: rejectUnauthorized, caFile } = tls;
  try {
    const ca = caFile === '' ? {} : { ca: readFileSync(caFile) };
    const name = isIP(host) === 0 ? { servername: host } : {};
    return connectTls({ host, port, rejectUnauthorized, ...name, ...ca }, connected);
  } catch (error) {
    // A file that cannot be read is a reason why there is no connection, as any other: it may be there the next time.
    return new Socket().destroy(error as Error);
  }
}
