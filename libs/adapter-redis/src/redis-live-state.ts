// The live state in Redis, one for any number of aggregators and readers. An update is one round trip: a script that takes it with its
// partition's position, or not at all (scripts.ts). Nothing of it is durable, and need not be: lost, it is built again.
// Bounds: `maxWorkers`, with the behaviour of the adapter in memory; every call ends within `commandTimeoutMs`; a base comes in pieces.
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '@assay/kernel';
import type {
  LiveBase,
  LiveChange,
  LiveOutcome,
  LivePartition,
  LiveProgress,
  LiveSnapshot,
  LiveStanding,
  LiveState,
  LiveUpdate,
  LiveWorker,
} from '@assay/live-state';
import { ChangeNotices, LiveStateError, standingOf } from '@assay/live-state';
import {
  joined,
  packPieces,
  packSnapshots,
  unpackPartition,
  unpackWorker,
  type PartitionEntry,
  type Piece,
} from './packing.ts';
import { ChangeSubscription } from './change-subscription.ts';
import { RedisLink } from './redis-link.ts';
import { APPLY, CLAIM, PARK, RELEASE, REPLACE, STAGE, STEP } from './scripts.ts';

const DEFAULT_COMMAND_TIMEOUT_MS = 1_000;
const DEFAULT_MAX_WORKERS = 250_000;
const DEFAULT_KEY_PREFIX = 'assay:';
/** Workers of a base brought in one piece: some milliseconds of Redis each. */
const STAGED_AT_ONCE = 500;
/** Workers unpacked before others of the thread have their turn: some milliseconds. */
const UNPACKED_AT_ONCE = 2_000;

export interface RedisLiveStateOptions {
  /** `redis://` or, with TLS, `rediss://`; user, password and database are part of it. */
  readonly url: string;
  /** What the names of all keys begin with, within their hash tag. */
  readonly keyPrefix?: string;
  readonly clock: Clock;
  readonly tls?: ConnectionOptions;
  readonly commandTimeoutMs?: number;
  readonly maxWorkers?: number;
  /** Told once when Redis goes away, and once when it is back. */
  readonly onWarning?: (message: string, error?: unknown) => void;
  /** A subscriber threw; the others are told all the same. */
  readonly onListenerError?: (error: unknown) => void;
}

interface Parked {
  readonly kind: 'parked';
  readonly parked: string;
}

/** Resolves when Redis answers, or when it has not for `commandTimeoutMs`: calls fail then until it does. */
export async function openRedisLiveState(options: RedisLiveStateOptions): Promise<RedisLiveState> {
  const live = new RedisLiveState(options);
  await live.opened();
  return live;
}

export class RedisLiveState implements LiveState {
  /** Workers this process brought that were left out because the state was full of connected ones. */
  refused = 0;
  readonly #link: RedisLink;
  readonly #clock: Clock;
  readonly #maxWorkers: number;
  readonly #notices: ChangeNotices;
  readonly #subscription: ChangeSubscription;
  readonly #keyPrefix: string;
  readonly #channel: string;
  /** In the order the scripts know them by. */
  readonly #state: readonly string[];
  readonly #meta: string;
  readonly #partitions: string;
  readonly #workers: string;
  readonly #builder: string;
  readonly #staged: readonly string[];

  constructor(options: RedisLiveStateOptions) {
    const { clock, keyPrefix = DEFAULT_KEY_PREFIX, onWarning = () => undefined } = options;
    const { commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS, maxWorkers = DEFAULT_MAX_WORKERS } = options;
    this.#keyPrefix = keyPrefix;
    const key = (name: string): string => this.#key(name);
    const tables = ['workers', 'changed', 'connections', 'gateways'];
    this.#clock = clock;
    this.#maxWorkers = maxWorkers;
    this.#channel = key('changes');
    this.#meta = key('meta');
    this.#partitions = key('partitions');
    this.#workers = key('workers');
    this.#builder = key('builder');
    this.#state = [this.#meta, this.#partitions, ...tables.map(key)];
    this.#staged = tables.map((name) => key(`new:${name}`));
    this.#notices = new ChangeNotices(options.onListenerError ?? (() => undefined));
    const { url, tls } = options;
    this.#link = new RedisLink({ url, commandTimeoutMs, onWarning, ...(tls === undefined ? {} : { tls }) });
    this.#subscription = new ChangeSubscription(this.#link.redis, this.#channel, (changed) =>
      this.#notices.add(changed),
    );
  }

  opened(): Promise<void> {
    return this.#link.opened();
  }

  async apply(update: LiveUpdate): Promise<LiveOutcome> {
    const pieces = packPieces(update);
    const parked = pieces.length > 1 ? randomUUID() : '';
    if (parked !== '') await this.#park(parked, pieces);
    for (let accepted = false; ;) {
      const outcome = await this.#apply(update, parked, pieces);
      if (outcome.kind === 'parked') {
        // Ours, or another's that has to be finished first.
        accepted ||= outcome.parked === parked;
        await this.#finish(update, outcome.parked);
      } else if (accepted) {
        return outcome.kind === 'repeated' ? { kind: 'applied' } : outcome;
      } else {
        if (parked !== '') await this.#link.call((redis) => redis.unlink(this.#key(`parked:${parked}`)));
        return outcome;
      }
    }
  }

  /** @param pieces the whole update where it is one piece; otherwise they are parked already */
  async #apply(update: LiveUpdate, parked: string, pieces: readonly Piece[]): Promise<LiveOutcome | Parked> {
    const { topic, partition, lineage = '', fromOffset, endOffset, fills = '', reachedUs } = update;
    const args = [`${topic}:${partition}`, lineage, fromOffset, endOffset, fills, reachedUs, parked];
    const brought = parked === '' ? [pieces[0]!.deltas, pieces[0]!.events] : [pieces.length, ''];
    const keys = parked === '' ? this.#state : [...this.#state, this.#key(`parked:${parked}`)];
    const answer = await this.#link.run(APPLY, keys, [...args, ...this.#limits(), ...brought]);
    const [kind, ...rest] = answer as string[];
    switch (kind) {
      case 'applied':
        this.refused += Number(rest[0]);
        return { kind };
      case 'repeated':
        return { kind };
      case 'parked':
        return { kind, parked: rest[0]! };
      case 'lost':
        return { kind, epoch: rest[0]! };
      case 'behind': {
        const [token, epoch] = rest as [string, string];
        const [fromOffset, submittedFromUs, reachedUs] = rest.slice(2).map(Number) as [number, number, number];
        return { kind, gap: { token, epoch, fromOffset, submittedFromUs, reachedUs } };
      }
      default:
        throw new LiveStateError(`Redis answered an update with ${kind}`);
    }
  }

  async #park(parked: string, pieces: readonly Piece[]): Promise<void> {
    const list = this.#key(`parked:${parked}`);
    for (const piece of pieces) await this.#link.run(PARK, [list], [joined(piece)]);
  }

  async #finish({ topic, partition }: LivePartition, parked: string): Promise<void> {
    const keys = [...this.#state, this.#key(`parked:${parked}`)];
    for (let left = 1; left > 0;) {
      const args = [`${topic}:${partition}`, parked, ...this.#limits()];
      const [more, refused] = (await this.#link.run(STEP, keys, args)) as [number, number];
      left = more;
      this.refused += refused;
    }
  }

  #limits(): (string | number)[] {
    return [this.#clock.nowUs(), this.#maxWorkers, this.#channel];
  }

  async rebuild(
    epoch: string,
    read: (progress: () => Promise<readonly LiveProgress[]>) => Promise<LiveBase>,
  ): Promise<boolean> {
    const token = randomUUID();
    const claimed = await this.#link.run(CLAIM, [this.#meta, this.#builder, ...this.#staged], [epoch, token]);
    if (claimed !== 1) return false;
    try {
      const { workers, partitions } = await read(() => this.#progress());
      if (!(await this.#stage(token, workers))) return false;
      const places = partitions.flatMap((p) => [`${p.topic}:${p.partition}`, p.fromOffset, p.submittedFromUs]);
      const keys = [...this.#state, this.#builder, ...this.#staged];
      return (await this.#link.run(REPLACE, keys, [token, this.#channel, ...places])) === 1;
    } finally {
      // When Redis is away the claim ends by itself.
      await this.#link.run(RELEASE, [this.#builder], [token]).catch(() => undefined);
    }
  }

  async standing(nowUs: number): Promise<LiveStanding> {
    const [epoch, partitions] = await this.#link.call(async (redis) =>
      Promise.all([redis.hget(this.#meta, 'epoch'), redis.hgetallBuffer(this.#partitions)]),
    );
    return standingOf(epoch === null ? [] : Object.values(partitions).map(unpackPartition), nowUs);
  }

  async workers(nowUs: number, tenant?: string): Promise<readonly LiveWorker[]> {
    const reply = (await this.#link.call((redis) => redis.callBuffer('HGETALL', this.#workers))) as Buffer[];
    const found: LiveWorker[] = [];
    for (let i = 0; i < reply.length; i += 2) {
      const worker = unpackWorker(reply[i]!.toString(), reply[i + 1]!, nowUs);
      if (tenant === undefined || worker.tenant === tenant) found.push(worker);
      if ((i / 2) % UNPACKED_AT_ONCE === UNPACKED_AT_ONCE - 1) await setImmediate();
    }
    return found;
  }

  async worker(nowUs: number, name: string): Promise<LiveWorker | undefined> {
    const record = await this.#link.call((redis) => redis.hgetBuffer(this.#workers, name));
    return record === null ? undefined : unpackWorker(name, record, nowUs);
  }

  subscribe(listener: (changed: LiveChange) => void): () => void {
    this.#subscription.open();
    return this.#notices.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#notices.close();
    this.#subscription.close();
    this.#link.close();
  }

  #key(name: string): string {
    return `{${this.#keyPrefix}live}:${name}`;
  }

  async #progress(): Promise<LiveProgress[]> {
    const entries = await this.#link.call((redis) => redis.hgetallBuffer(this.#partitions));
    return Object.entries(entries).map(([place, entry]) => {
      const { said }: PartitionEntry = unpackPartition(entry);
      const colon = place.lastIndexOf(':');
      return { topic: place.slice(0, colon), partition: Number(place.slice(colon + 1)), ...said };
    });
  }

  /** False when the claim is over. */
  async #stage(token: string, workers: readonly LiveSnapshot[]): Promise<boolean> {
    const latest = [...workers].sort((a, b) => seenUs(b) - seenUs(a)).slice(0, this.#maxWorkers);
    for (let i = 0; i < latest.length; i += STAGED_AT_ONCE) {
      const piece = packSnapshots(latest.slice(i, i + STAGED_AT_ONCE));
      if ((await this.#link.run(STAGE, [this.#builder, ...this.#staged], [token, piece])) !== 1) return false;
    }
    return true;
  }
}

const seenUs = ({ firstSeenUs, authorizedAtUs, lastShareAtUs = 0 }: LiveSnapshot): number =>
  Math.max(firstSeenUs, authorizedAtUs, lastShareAtUs);
