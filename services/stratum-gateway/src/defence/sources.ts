// Where connections come from: one record per address (per /64 of IPv6), with how many it has open, how fast it opens them and asks for
// things, and what it did wrong. Bounded: a record is kept while it has connections or says something that would be missed; beyond
// MAX_QUIET records without connections the oldest are forgotten, bans too, which a botnet that large can have.
import type { CloseReason } from '../gateway-tallies.ts';
import { inNetworks, sourceName, type InNetworks } from '../miners/networks.ts';
import { TokenBucket } from '../miners/token-bucket.ts';
import { GuessedSecrets } from './guessed-secrets.ts';
import { Misconduct, type BanSettings } from './misconduct.ts';

export interface SourceSettings extends BanSettings {
  readonly maxConnectionsPerAddress: number;
  readonly acceptsPerSecond: number;
  readonly submitsPerSecondPerAddress: number;
  readonly allowFrom: readonly string[];
  readonly denyFrom: readonly string[];
  readonly neverBanFrom: readonly string[];
}

const ACCEPT_BURST_SECONDS = 10;
const REQUEST_BURST_SECONDS = 4;
/** Records without open connections. */
const MAX_QUIET = 65_536;

export class Source {
  open = 0;
  lastUs = 0;
  readonly name: string;
  readonly bannable: boolean;
  readonly accepts: TokenBucket;
  readonly requests: TokenBucket;
  readonly misconduct: Misconduct;
  /** Made when the first wrong secret comes. */
  guessed: GuessedSecrets | undefined = undefined;

  constructor(name: string, bannable: boolean, accepts: TokenBucket, requests: TokenBucket, misconduct: Misconduct) {
    this.name = name;
    this.bannable = bannable;
    this.accepts = accepts;
    this.requests = requests;
    this.misconduct = misconduct;
  }
}

export class Sources {
  readonly #settings: SourceSettings;
  readonly #sources = new Map<string, Source>();
  readonly #allowed: InNetworks | undefined;
  readonly #denied: InNetworks | undefined;
  readonly #neverBanned: InNetworks | undefined;
  readonly #acceptBurst: number;
  readonly #requestBurst: number;
  readonly #onBan: (source: Source, nowUs: number) => void;
  #withConnections = 0;

  constructor(settings: SourceSettings, onBan: (source: Source, nowUs: number) => void = () => undefined) {
    this.#settings = settings;
    this.#onBan = onBan;
    this.#allowed = inNetworks(settings.allowFrom);
    this.#denied = inNetworks(settings.denyFrom);
    this.#neverBanned = inNetworks([...settings.allowFrom, ...settings.neverBanFrom]);
    this.#acceptBurst = settings.acceptsPerSecond * ACCEPT_BURST_SECONDS;
    this.#requestBurst = Math.max(1, settings.submitsPerSecondPerAddress * REQUEST_BURST_SECONDS);
  }

  get size(): number {
    return this.#sources.size;
  }

  /** Addresses banned now. */
  banned(nowUs: number): number {
    let count = 0;
    for (const { misconduct } of this.#sources.values()) if (misconduct.banned(nowUs)) count++;
    return count;
  }

  /** Why no connection of the address may come in now, however few it has. */
  keptAway(address: string, nowUs: number): CloseReason | undefined {
    if (this.#denied?.(address) === true || this.#allowed?.(address) === false) return 'not_allowed';
    return this.#sources.get(sourceName(address))?.misconduct.banned(nowUs) === true ? 'banned' : undefined;
  }

  /** Counts a connection in, or says why it must be refused. */
  open(address: string, nowUs: number): Source | CloseReason {
    const keptAway = this.keptAway(address, nowUs);
    if (keptAway !== undefined) return keptAway;
    const { maxConnectionsPerAddress, acceptsPerSecond } = this.#settings;
    const source = this.#source(address, nowUs);
    source.lastUs = nowUs;
    if (source.open >= maxConnectionsPerAddress) return 'too_many_from_address';
    if (!source.accepts.take(nowUs, acceptsPerSecond, this.#acceptBurst)) return 'accepts_too_fast';
    if (source.open++ === 0) this.#withConnections++;
    return source;
  }

  close(source: Source): void {
    if (--source.open === 0) this.#withConnections--;
  }

  /** Takes one request's worth from what the address may ask for. */
  takeRequest(source: Source, nowUs: number): boolean {
    return source.requests.take(nowUs, this.#settings.submitsPerSecondPerAddress, this.#requestBurst);
  }

  /** @returns whether the address was banned for it, so that the connection at fault must be closed. */
  misbehaved(source: Source, points: number, nowUs: number): boolean {
    if (!source.bannable || !source.misconduct.add(points, this.#settings, nowUs)) return false;
    this.#onBan(source, nowUs);
    return true;
  }

  /** A wrong secret for a worker. @returns as `misbehaved` */
  guessed(source: Source, worker: string, secret: string, nowUs: number): boolean {
    if (!source.bannable) return false;
    source.guessed ??= new GuessedSecrets();
    const guesses = source.guessed.weigh(worker, secret);
    if (guesses === 0 || !source.misconduct.addGuess(guesses, this.#settings, nowUs)) return false;
    this.#onBan(source, nowUs);
    return true;
  }

  /** Drops addresses without connections that would be the same if they came anew. */
  forgetQuiet(nowUs: number): void {
    for (const [name, source] of this.#sources) {
      if (source.open > 0 || nowUs - source.lastUs <= ACCEPT_BURST_SECONDS * 1e6) continue;
      if (source.misconduct.isClean(this.#settings, nowUs)) this.#sources.delete(name);
    }
  }

  #source(address: string, nowUs: number): Source {
    const name = sourceName(address);
    const known = this.#sources.get(name);
    if (known !== undefined) return known;
    if (this.#sources.size - this.#withConnections >= MAX_QUIET) this.#forgetOldest();
    const source = new Source(
      name,
      this.#neverBanned?.(address) !== true,
      new TokenBucket(this.#acceptBurst, nowUs),
      new TokenBucket(this.#requestBurst, nowUs),
      new Misconduct(nowUs),
    );
    this.#sources.set(name, source);
    return source;
  }

  /** A Map keeps the order of insertion. A batch at a time, so that a flood does not pay for the search with every connection. */
  #forgetOldest(): void {
    let forgotten = 0;
    for (const [name, source] of this.#sources) {
      if (source.open > 0) continue;
      this.#sources.delete(name);
      if (++forgotten >= MAX_QUIET / 16) return;
    }
  }
}
