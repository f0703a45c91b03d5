// The shares that are passed on to one endpoint: each until its answer has come, or there is none to hope for.
// Invariants: a share is sent once per connection; it is sent again only where it is worth the same, that is on a session with the same
// extranonce1 and on the same block, or when it may be a block itself; it ends as exactly one record. Bound: MAX_OPEN shares, and
// MAX_OPEN_CANDIDATES beyond it that may be blocks; the others go on record as unsent.
import { hexFromBytes, type Clock } from '@assay/kernel';
import { meetsTarget } from '@assay/mining';
import type { UpstreamRecord, UpstreamVerdict } from '@assay/share-block';
import type { FoundShare } from '../jobs/job-source.ts';
import { accountOf } from './pool-accounts.ts';
import { extranonce2Of, type PoolWork } from './pool-work.ts';
import type { UpstreamConnection } from './upstream-connection.ts';
import type { EndpointTallies } from './upstream-tallies.ts';

export interface ForwardingOptions {
  readonly gateway: string;
  /** Name of the job source. */
  readonly source: string;
  /** `host:port`. */
  readonly endpoint: string;
  readonly user: string;
  readonly baseUser: string;
  readonly maxAccounts: number;
  readonly resendMs: number;
  readonly candidateMs: number;
  readonly clock: Clock;
  readonly tallies: EndpointTallies;
  readonly record: (record: UpstreamRecord) => void;
}

interface OpenShare {
  readonly work: PoolWork;
  readonly hash: string;
  readonly tenant: string;
  readonly worker: string;
  readonly extranonce2: Uint8Array;
  readonly ntime: number;
  readonly nonce: number;
  readonly version: number;
  readonly submittedAtUs: number;
  readonly blockCandidate: boolean;
  readonly ownAccount: string;
  /** Under which it is sent at present. */
  account: string;
  attempts: number;
  sentAtUs: number;
  /** By performance.now(), when it began to wait for a connection. */
  waitingSinceMs: number;
}

/** Fewer than a client may have unanswered, so that every share that is taken can be sent. */
const MAX_OPEN = 8192;
const MAX_OPEN_CANDIDATES = 64;
/** Hashes remembered, so that work found twice is passed on once. */
const MAX_SEEN = 65_536;

export class ForwardedShares {
  readonly #options: ForwardingOptions;
  readonly #open = new Set<OpenShare>();
  #candidates = 0;
  readonly #seen = new Set<string>();
  /** Work whose id the pool has announced again: with the same work under other terms, or with other work (undefined). */
  readonly #superseded = new WeakMap<PoolWork, PoolWork | undefined>();
  #connection: UpstreamConnection | undefined;
  /** The first of the present connection. */
  #firstWork: PoolWork | undefined;
  /** Jobs given on the present connection. */
  #given = new WeakSet<PoolWork>();
  readonly #byRequest = new Map<number, OpenShare>();
  readonly #accounts = new Map<string, 'allowed' | 'refused' | OpenShare[]>();

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** From now on shares of this work are good on the present connection. */
  gave(work: PoolWork): void {
    this.#given.add(work);
  }

  /** The pool has announced the work's id again. @param by undefined when it means other work now */
  supersede(work: PoolWork, by: PoolWork | undefined): void {
    this.#superseded.set(work, by);
  }

  /** Shares go to this connection now, those that waited first. */
  connect(connection: UpstreamConnection, firstWork: PoolWork): void {
    this.#connection = connection;
    this.#firstWork = firstWork;
    for (const share of [...this.#open]) this.#offer(share);
  }

  /** The connection is gone: what it left unanswered waits for the next one. */
  disconnect(): void {
    this.#connection = undefined;
    this.#given = new WeakSet();
    this.#byRequest.clear();
    this.#accounts.clear();
    for (const share of this.#open) share.waitingSinceMs = performance.now();
  }

  take(work: PoolWork, found: FoundShare): void {
    const { tallies, user, baseUser } = this.#options;
    const hash = hexFromBytes(Uint8Array.from(found.hash).reverse());
    if (this.#seen.has(hash)) {
      tallies.repeated++;
      return;
    }
    this.#remember(hash);
    const { worker, ntime, nonce, version, submittedAtUs, blockCandidate } = found;
    const ownAccount = accountOf(user, worker, baseUser);
    const share: OpenShare = {
      work,
      hash,
      tenant: worker.tenant,
      worker: worker.worker,
      extranonce2: extranonce2Of(work, found),
      ntime,
      nonce,
      version,
      submittedAtUs,
      blockCandidate,
      ownAccount,
      account: ownAccount,
      attempts: 0,
      sentAtUs: 0,
      waitingSinceMs: performance.now(),
    };
    if (blockCandidate) this.#candidates++;
    this.#open.add(share);
    const full = this.#open.size > MAX_OPEN && !(blockCandidate && this.#candidates <= MAX_OPEN_CANDIDATES);
    if (full) this.#end(share, 'unsent', 'too many shares wait for the pool');
    else this.#offer(share);
  }

  answered(request: number, accepted: boolean, reason: string): void {
    const share = this.#byRequest.get(request);
    if (share === undefined) return;
    this.#byRequest.delete(request);
    this.#options.tallies.answers.observe((this.#options.clock.nowUs() - share.sentAtUs) / 1e6);
    if (accepted) return this.#end(share, 'accepted', '', true);
    if (share.attempts === 1) return this.#end(share, 'rejected', reason, true);
    // It had got the share already, and only its answer was lost. Any other refusal says nothing of what came of it the first time.
    if (/^22\b|duplicate/i.test(reason)) return this.#end(share, 'accepted', '', true);
    this.#end(share, 'unanswered', `sent again: ${reason}`);
  }

  accountAnswered(account: string, allowed: boolean): void {
    const waiting = this.#accounts.get(account);
    if (!Array.isArray(waiting)) return;
    this.#accounts.set(account, allowed ? 'allowed' : 'refused');
    if (!allowed) this.#options.tallies.refusedAccounts++;
    for (const share of waiting) this.#send(share, allowed ? account : this.#options.baseUser);
  }

  /** Gives up what has waited for a connection for too long. */
  expire(): void {
    if (this.#connection !== undefined) return;
    const { resendMs, candidateMs } = this.#options;
    const nowMs = performance.now();
    for (const share of this.#open) {
      const patienceMs = share.blockCandidate ? candidateMs : resendMs;
      if (nowMs - share.waitingSinceMs >= patienceMs) this.#giveUp(share, 'the pool did not come back in time');
    }
  }

  /** Gives up everything. */
  abandon(reason: string): void {
    for (const share of this.#open) this.#giveUp(share, reason);
  }

  #remember(hash: string): void {
    this.#seen.add(hash);
    if (this.#seen.size <= MAX_SEEN) return;
    const [oldest] = this.#seen;
    this.#seen.delete(oldest!);
  }

  /** Sends a share where that makes sense; keeps it while there is no connection. */
  #offer(share: OpenShare): void {
    const connection = this.#connection;
    // What may be a block is offered whatever the odds: a refusal costs nothing.
    const futile = share.blockCandidate ? undefined : this.#futility(share);
    if (futile !== undefined) return this.#giveUp(share, futile);
    if (connection === undefined) return;
    const account = this.#accountFor(share, connection);
    if (account !== undefined) this.#send(share, account);
  }

  /** Why the pool would only refuse a share; undefined where it may take it. */
  #futility({ work, hash }: OpenShare): string | undefined {
    let terms: PoolWork | undefined = work;
    while (terms !== undefined && this.#superseded.has(terms)) terms = this.#superseded.get(terms);
    if (terms === undefined) return 'the pool gave the job id to other work';
    if (terms !== work && !meetsTarget(Buffer.from(hash, 'hex').reverse(), 0, terms.target))
      return 'the pool asks more of the job now';
    if (this.#connection === undefined || this.#given.has(work)) return undefined;
    const first = this.#firstWork!;
    if (work.extranonce1 !== first.extranonce1) return 'its session with the pool is gone';
    return Buffer.compare(work.of.prevHash, first.of.prevHash) === 0 ? undefined : 'the pool is on another block';
  }

  /** The account a share can be sent under now; undefined when the pool is to be asked first. */
  #accountFor(share: OpenShare, connection: UpstreamConnection): string | undefined {
    const { baseUser, maxAccounts, tallies } = this.#options;
    const { ownAccount } = share;
    if (ownAccount === baseUser) return baseUser;
    const known = this.#accounts.get(ownAccount);
    if (known === 'allowed') return ownAccount;
    if (known === 'refused') return baseUser;
    if (known !== undefined) {
      known.push(share);
      return undefined;
    }
    if (this.#accounts.size < maxAccounts && connection.authorize(ownAccount)) {
      this.#accounts.set(ownAccount, [share]);
      return undefined;
    }
    tallies.refusedAccounts++;
    return baseUser;
  }

  #send(share: OpenShare, account: string): void {
    const { work, extranonce2, ntime, nonce, version } = share;
    const { idJson: jobIdJson, versionMask } = work.of;
    const versionBits = versionMask === 0 ? undefined : (version & versionMask) >>> 0;
    const request = this.#connection?.submit({ account, jobIdJson, extranonce2, ntime, nonce, versionBits });
    if (request === undefined) return;
    const { tallies, clock } = this.#options;
    if (share.attempts === 0) tallies.forwarded++;
    else tallies.resent++;
    share.account = account;
    share.attempts++;
    share.sentAtUs = clock.nowUs();
    this.#byRequest.set(request, share);
  }

  #giveUp(share: OpenShare, reason: string): void {
    this.#end(share, share.attempts > 0 ? 'unanswered' : 'unsent', reason);
  }

  #end(share: OpenShare, verdict: UpstreamVerdict, reason: string, answered = false): void {
    const { tallies, record, clock, gateway, source, endpoint } = this.#options;
    this.#open.delete(share);
    if (share.blockCandidate) this.#candidates--;
    tallies.shares[verdict]++;
    if (verdict === 'rejected') tallies.rejected(reason);
    const { work, hash, tenant, worker, account, submittedAtUs, sentAtUs, attempts, blockCandidate } = share;
    record({
      type: 'share',
      gateway,
      source,
      endpoint,
      jobHash: work.job.hash,
      upstreamJobId: work.of.id,
      upstreamDifficulty: work.of.difficulty,
      hash,
      tenant,
      worker,
      account,
      submittedAtUs,
      sentAtUs,
      answeredAtUs: answered ? clock.nowUs() : 0,
      attempts,
      verdict,
      reason,
      blockCandidate,
    });
  }
}
