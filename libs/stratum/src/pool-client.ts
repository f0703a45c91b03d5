// Our side of stratum where we are the miner: one connection to a pool, as a state machine. No socket and no clock: lines come in, effects go
// out, and the caller sends, waits and connects.
// Invariants: a job is told with the difficulty, the extranonce and the version mask it was sent with, and never before the account is
// authorized; a difficulty and an extranonce take effect with the next job; nothing a pool sends throws or makes anything grow without a bound.
import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { parseMessage, type StratumReply, type StratumRequest } from './message-codec.ts';
import { encodeCall, encodeError, encodeResult } from './message-encoder.ts';
import {
  plainText,
  readDifficulty,
  readExtranonce,
  readGrantedMask,
  readMask,
  readNotify,
  readSubscription,
  readVerdict,
  type PoolExtranonce,
  type PoolNotify,
  type PoolProblem,
} from './pool-messages.ts';
import { readRedirect, type PoolRedirect } from './pool-redirect.ts';

/** mining.configure and mining.extranonce.subscribe. */
export type PoolExtension = 'configure' | 'extranonce';

export interface PoolClientSettings {
  /** How we call ourselves. */
  readonly agent: string;
  /** The account without which there is no work. */
  readonly user: string;
  readonly password: string;
  /** Version bits we would like to roll; 0 does not ask. */
  readonly versionMask: number;
  /** What to ask for that a pool need not know. */
  readonly extensions: readonly PoolExtension[];
  /** A pool that leaves less room than this is of no use. */
  readonly leastExtranonce2Bytes: number;
  /** Of the connection before, to be taken up again; '' for a new session. */
  readonly sessionId: string;
  /** Where the pool is configured to be: a redirect must stay there. */
  readonly host: string;
  readonly port: number;
}

/** A pool's job with all that holds for it. */
export interface PoolJob extends PoolNotify, PoolExtranonce {
  /** Shares of it count from this difficulty on. */
  readonly difficulty: number;
  readonly versionMask: number;
  /** Whether the same work was told before, under other terms. */
  readonly again: boolean;
}

export interface PoolSubmit {
  readonly account: string;
  readonly jobIdJson: string;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  /** Undefined when the pool granted no rolling. */
  readonly versionBits: number | undefined;
}

/** A request of ours: its number, which the answer will bear, and what is to be sent. */
export interface PoolCall {
  readonly request: number;
  readonly line: Uint8Array;
}

export type PoolEffect =
  | { readonly type: 'send'; readonly line: Uint8Array }
  | { readonly type: 'job'; readonly job: PoolJob }
  /** A submit was answered. */
  | { readonly type: 'answer'; readonly request: number; readonly accepted: boolean; readonly reason: string }
  /** Another account than that of the settings was answered. */
  | {
      readonly type: 'account';
      readonly request: number;
      readonly account: string;
      readonly allowed: boolean;
      readonly reason: string;
    }
  | { readonly type: 'redirect'; readonly to: PoolRedirect }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'problem'; readonly problem: PoolProblem }
  /** The connection is of no use any more. */
  | { readonly type: 'failed'; readonly reason: string };

type Pending =
  | { readonly kind: 'configure' | 'subscribe' | 'extranonce' | 'submit' }
  | { readonly kind: 'authorize'; readonly account: string };

/** Longest line taken from a pool: a coinbase of 16 KB is 32 KB of hex. */
export const MAX_POOL_LINE_BYTES = 65_536;
/** Requests that may be unanswered at a time. */
export const MAX_POOL_REQUESTS = 16_384;
/** Lines in a row, without a good job between them, that could not be used: the next one ends the connection. */
const MAX_PROBLEMS = 32;
/** What difficulty there is before a pool has named one. */
const UNSAID_DIFFICULTY = 1;

export class PoolClient {
  readonly #settings: PoolClientSettings;
  readonly #pending = new Map<number, Pending>();
  #effects: PoolEffect[] = [];
  #lastRequest = 0;
  #problems = 0;
  #extranonce: PoolExtranonce | undefined;
  #sessionId = '';
  #authorized = false;
  #versionMask = 0;
  #difficulty: number | undefined;
  /** The newest job, with what held when it came: told as soon as the rest is known. */
  #notify: (PoolNotify & Partial<PoolExtranonce> & { readonly difficulty: number | undefined }) | undefined;
  #told: PoolJob | undefined;

  constructor(settings: PoolClientSettings) {
    this.#settings = settings;
  }

  /** With which this session may be taken up again. */
  get sessionId(): string {
    return this.#sessionId;
  }

  /** What the pool leaves us; undefined before it has answered. */
  get extranonce(): PoolExtranonce | undefined {
    return this.#extranonce;
  }

  /** The extension that was asked for and not answered: some pools close the connection on what they do not know. */
  get unansweredExtension(): PoolExtension | undefined {
    for (const { kind } of this.#pending.values()) if (kind === 'configure' || kind === 'extranonce') return kind;
    return undefined;
  }

  get unanswered(): number {
    return this.#pending.size;
  }

  /** Whether only a difficulty is missing for the first job to be told. */
  get waitsForDifficulty(): boolean {
    return this.#authorized && this.#notify !== undefined && this.#told === undefined && this.#difficulty === undefined;
  }

  /** What is to be sent at first. */
  begin(): readonly PoolEffect[] {
    const { agent, sessionId, versionMask, extensions } = this.#settings;
    if (versionMask !== 0 && extensions.includes('configure')) {
      const mask = hexFromUint32(versionMask);
      const wish = { 'version-rolling.mask': mask, 'version-rolling.min-bit-count': 2 };
      this.#request({ kind: 'configure' }, 'mining.configure', [['version-rolling'], wish]);
    }
    this.#request({ kind: 'subscribe' }, 'mining.subscribe', sessionId === '' ? [agent] : [agent, sessionId]);
    return this.#taken();
  }

  /** A line of the pool, without its line feed. */
  receive(bytes: Uint8Array, start: number, end: number): readonly PoolEffect[] {
    if (end - start > MAX_POOL_LINE_BYTES) this.#problem('line too long');
    else {
      const message = parseMessage(bytes, start, end);
      if (message.kind === 'malformed') this.#problem('not a message');
      else if (message.kind === 'reply') this.#answer(message);
      else this.#called(message);
    }
    return this.#taken();
  }

  /** Takes difficulty 1 for the first job of a pool that does not name one. */
  assumeDifficulty(): readonly PoolEffect[] {
    if (this.waitsForDifficulty) {
      this.#difficulty = UNSAID_DIFFICULTY;
      this.#tell();
    }
    return this.#taken();
  }

  /** Asks for another account. Undefined when too many requests wait for an answer. */
  authorize(account: string): PoolCall | undefined {
    const { password } = this.#settings;
    return this.#call({ kind: 'authorize', account }, 'mining.authorize', [account, password]);
  }

  /** Undefined when too many requests wait for an answer. */
  submit({ account, jobIdJson, extranonce2, ntime, nonce, versionBits }: PoolSubmit): PoolCall | undefined {
    const jobId: unknown = JSON.parse(jobIdJson);
    const params = [account, jobId, hexFromBytes(extranonce2), hexFromUint32(ntime), hexFromUint32(nonce)];
    if (versionBits !== undefined) params.push(hexFromUint32(versionBits));
    return this.#call({ kind: 'submit' }, 'mining.submit', params);
  }

  #taken(): readonly PoolEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #call(pending: Pending, method: string, params: readonly unknown[]): PoolCall | undefined {
    if (this.#pending.size >= MAX_POOL_REQUESTS) return undefined;
    const request = ++this.#lastRequest;
    this.#pending.set(request, pending);
    return { request, line: encodeCall(method, params, request) };
  }

  #request(pending: Pending, method: string, params: readonly unknown[]): void {
    const call = this.#call(pending, method, params);
    if (call !== undefined) this.#effects.push({ type: 'send', line: call.line });
  }

  #problem(problem: PoolProblem): void {
    this.#effects.push({ type: 'problem', problem });
    if (++this.#problems > MAX_PROBLEMS) this.#fail(`more than ${MAX_PROBLEMS} unusable lines, the last: ${problem}`);
  }

  #fail(reason: string): void {
    this.#effects.push({ type: 'failed', reason });
  }

  #answer({ id, result, error }: StratumReply): void {
    // Some pools answer with the number as a string.
    const request = Number(Buffer.from(id).toString('latin1').replaceAll('"', ''));
    const pending = this.#pending.get(request);
    if (pending === undefined) return this.#problem('answer to nothing');
    this.#pending.delete(request);
    switch (pending.kind) {
      case 'configure':
        return this.#grant(readGrantedMask(result));
      case 'subscribe':
        return this.#subscribed(result, error);
      case 'authorize':
        return this.#answerAccount(request, pending.account, result, error);
      case 'submit': {
        const { accepted, reason } = readVerdict(result, error);
        this.#effects.push({ type: 'answer', request, accepted, reason });
        return;
      }
      case 'extranonce':
    }
  }

  #subscribed(result: unknown, error: unknown): void {
    const subscription = readSubscription(result);
    if (subscription === undefined) {
      const { reason } = readVerdict(result, error);
      return this.#fail(`the pool does not answer mining.subscribe as it should: ${reason}`);
    }
    this.#sessionId = subscription.sessionId;
    if (!this.#setExtranonce(subscription)) return;
    const { user, password, extensions } = this.#settings;
    this.#request({ kind: 'authorize', account: user }, 'mining.authorize', [user, password]);
    if (extensions.includes('extranonce')) this.#request({ kind: 'extranonce' }, 'mining.extranonce.subscribe', []);
  }

  #answerAccount(request: number, account: string, result: unknown, error: unknown): void {
    const { accepted, reason } = readVerdict(result, error);
    if (account !== this.#settings.user) {
      this.#effects.push({ type: 'account', request, account, allowed: accepted, reason });
      return;
    }
    if (!accepted) return this.#fail(`the pool refuses the user ${plainText(account)}: ${reason}`);
    this.#authorized = true;
    this.#tell();
  }

  #called({ id, method, params }: StratumRequest): void {
    const asked = Buffer.from(id).toString('latin1') !== 'null';
    switch (method) {
      case 'mining.notify':
        return this.#onNotify(params);
      case 'mining.set_difficulty': {
        const difficulty = readDifficulty(params);
        if (difficulty === undefined) return this.#problem('bad difficulty');
        const waited = this.waitsForDifficulty;
        this.#difficulty = difficulty;
        if (waited) this.#tell();
        return;
      }
      case 'mining.set_extranonce': {
        const extranonce = readExtranonce(params);
        if (extranonce === undefined) return this.#problem('bad extranonce');
        this.#setExtranonce(extranonce);
        return;
      }
      case 'mining.set_version_mask': {
        const mask = readMask(params);
        return mask === undefined ? this.#problem('bad version mask') : this.#grant(mask);
      }
      case 'client.reconnect': {
        const to = readRedirect(params, this.#settings);
        if (typeof to === 'string') return this.#problem(to);
        this.#effects.push({ type: 'redirect', to });
        return;
      }
      case 'client.show_message':
        this.#effects.push({ type: 'message', text: plainText(params[0]) });
        if (asked) this.#effects.push({ type: 'send', line: encodeResult(id, true) });
        return;
      case 'client.get_version':
        if (asked) this.#effects.push({ type: 'send', line: encodeResult(id, this.#settings.agent) });
        return;
      case 'mining.ping':
      case 'client.ping':
        if (asked) this.#effects.push({ type: 'send', line: encodeResult(id, 'pong') });
        return;
      default:
        if (asked) this.#effects.push({ type: 'send', line: encodeError(id, { code: 20, message: 'Unknown method' }) });
    }
  }

  #onNotify(params: readonly unknown[]): void {
    const notify = readNotify(params);
    if (typeof notify === 'string') return this.#problem(notify);
    this.#problems = 0;
    this.#notify = { ...notify, ...this.#extranonce, difficulty: this.#difficulty };
    this.#told = undefined;
    this.#tell();
  }

  /** False when the pool leaves too little room. */
  #setExtranonce(extranonce: PoolExtranonce): boolean {
    const { leastExtranonce2Bytes } = this.#settings;
    const { extranonce2Bytes } = extranonce;
    if (extranonce2Bytes < leastExtranonce2Bytes) {
      this.#fail(
        `the pool leaves ${extranonce2Bytes} bytes of extranonce2, and ${leastExtranonce2Bytes} are needed: ` +
          `set ASSAY_EXTRANONCE1_BYTES and ASSAY_EXTRANONCE2_BYTES to ${extranonce2Bytes} together`,
      );
      return false;
    }
    this.#extranonce = extranonce;
    return true;
  }

  /** A mask holds at once, as BIP310 has it: the present job is told again when it allows other bits now. */
  #grant(granted: number): void {
    const mask = (granted & this.#settings.versionMask) >>> 0;
    if (mask === this.#versionMask) return;
    this.#versionMask = mask;
    if (this.#told === undefined) return;
    this.#told = { ...this.#told, versionMask: mask, cleanJobs: false, again: true };
    this.#effects.push({ type: 'job', job: this.#told });
  }

  #tell(): void {
    if (!this.#authorized || this.#notify === undefined || this.#told !== undefined) return;
    const difficulty = this.#notify.difficulty ?? this.#difficulty;
    if (this.#extranonce === undefined || difficulty === undefined) return;
    const terms = { difficulty, versionMask: this.#versionMask, again: false };
    this.#told = { ...this.#extranonce, ...this.#notify, ...terms };
    this.#effects.push({ type: 'job', job: this.#told });
  }
}
