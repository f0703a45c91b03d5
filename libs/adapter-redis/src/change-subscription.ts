// Hears what changed from the scripts of every aggregator, over a connection of its own, made when somebody first listens. It is made
// again whenever it breaks. Nobody knows what changed until it was there, so then everything may have.
import type { Redis } from 'ioredis';
import { ALL_CHANGED } from './take-script.ts';

export class ChangeSubscription {
  readonly #commands: Redis;
  readonly #channel: string;
  readonly #onChange: (changed: readonly string[] | 'all') => void;
  #redis: Redis | undefined;

  constructor(commands: Redis, channel: string, onChange: (changed: readonly string[] | 'all') => void) {
    this.#commands = commands;
    this.#channel = channel;
    this.#onChange = onChange;
  }

  open(): void {
    if (this.#redis !== undefined) return;
    const redis = this.#commands.duplicate({ autoResubscribe: false });
    this.#redis = redis;
    redis.on('message', (_, message: string) =>
      this.#onChange(message === ALL_CHANGED ? 'all' : (JSON.parse(message) as string[])),
    );
    // The connection for commands tells of a Redis that is away.
    redis.on('error', () => undefined);
    redis.on('ready', () => {
      redis.subscribe(this.#channel).then(
        () => this.#onChange('all'),
        () => redis.disconnect(true),
      );
    });
  }

  close(): void {
    this.#redis?.disconnect();
  }
}
