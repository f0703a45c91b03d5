// The connection to Redis: every call ends within a stated time, one way or the other, and with a LiveStateError when it fails.
// Bound: while an answer is overdue nothing more is sent, so a Redis that is reachable and does not answer holds at most the calls of
// one timeout. An answer overdue for long means a dead connection, and another is made.
import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { LiveStateError } from '@assay/live-state';
import { Redis } from 'ioredis';

/** An answer overdue for this many timeouts: the connection is dead, whatever the system thinks of it. */
const DEAD_AFTER_TIMEOUTS = 10;
const LONGEST_RECONNECT_MS = 2_000;

export interface RedisLinkOptions {
  readonly url: string;
  readonly tls?: ConnectionOptions;
  readonly commandTimeoutMs: number;
  readonly onWarning: (message: string, error?: unknown) => void;
}

/** A Lua script, by its source and the hash Redis knows it under. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export type Argument = string | number | Buffer;

export class RedisLink {
  readonly redis: Redis;
  readonly #timeoutMs: number;
  readonly #onWarning: RedisLinkOptions['onWarning'];
  /** Calls that were given up and whose answer, or whose connection's end, is still to come. */
  #overdue = 0;
  #deadTimer: NodeJS.Timeout | undefined;
  #away = false;
  #closed = false;

  constructor({ url, tls, commandTimeoutMs, onWarning }: RedisLinkOptions) {
    this.#timeoutMs = commandTimeoutMs;
    this.#onWarning = onWarning;
    this.redis = new Redis(url, {
      ...(tls === undefined ? {} : { tls }),
      connectTimeout: Math.max(1_000, commandTimeoutMs),
      // A command belongs to the moment it is made in: none waits for a connection, none is sent a second time over another.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(LONGEST_RECONNECT_MS, 50 * 2 ** Math.min(times, 10)),
    });
    this.redis.on('error', (error: unknown) => this.#isAway(error));
    this.redis.on('ready', () => this.#isBack());
  }

  /** Resolves when Redis answers, or when it has not within the time of a call: that is not an error. */
  async opened(): Promise<void> {
    if (this.redis.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.redis.off('ready', done);
        resolve();
      };
      const timer = setTimeout(done, this.#timeoutMs);
      this.redis.on('ready', done);
    });
  }

  /** Calls a script by its hash, and by its source where Redis does not know it (yet, or any more). */
  async run(called: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    return this.call(async (redis) => {
      try {
        return await redis.call('EVALSHA', called.sha, ...rest);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        return redis.call('EVAL', called.source, ...rest);
      }
    });
  }

  async call<T>(make: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#overdue > 0) throw new LiveStateError('Redis has not answered yet to what it was asked before');
    const answer = make(this.redis);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#awaitOverdue(answer);
        reject(new LiveStateError(`Redis has not answered within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      if (error instanceof LiveStateError) throw error;
      throw new LiveStateError(`Redis does not do what it is asked: ${String(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#deadTimer);
    this.redis.disconnect();
  }

  #awaitOverdue(answer: Promise<unknown>): void {
    this.#overdue++;
    this.#deadTimer ??= setTimeout(() => {
      this.#deadTimer = undefined;
      if (this.#overdue > 0) this.redis.disconnect(true);
    }, DEAD_AFTER_TIMEOUTS * this.#timeoutMs).unref();
    const settled = (): void => {
      if (--this.#overdue > 0) return;
      clearTimeout(this.#deadTimer);
      this.#deadTimer = undefined;
    };
    answer.then(settled, settled);
  }

  #isAway(error: unknown): void {
    if (!this.#away && !this.#closed) this.#onWarning('Redis is away; it is connected again when it can be', error);
    this.#away = true;
  }

  #isBack(): void {
    if (this.#away) this.#onWarning('Redis is back');
    this.#away = false;
  }
}
