// One endpoint of an upstream pool: keeps a connection to it for as long as one is wanted, with pauses that grow between attempts that come to
// nothing, takes the session up again where the pool allows it, and knows whether it is in order.
import type { Clock } from '@assay/kernel';
import { jobProblem } from '@assay/pow';
import type { UpstreamRecord } from '@assay/share-block';
import type { PoolExtension, PoolJob, PoolRedirect } from '@assay/stratum';
import type { Logger } from '@assay/platform';
import { ForwardedShares } from './forwarded-shares.ts';
import { readPoolUrl, type PoolAddress, type UpstreamEndpointSettings, type UpstreamPoolSettings } from './pool-settings.ts'; // prettier-ignore
import { workOfPool, type PoolWork } from './pool-work.ts';
import { RejectWatch } from './reject-watch.ts';
import { UpstreamConnection } from './upstream-connection.ts';
import { EndpointTallies } from './upstream-tallies.ts';

export interface UpstreamPoolOptions {
  /** Of the source, as the jobs file has it. */
  readonly name: string;
  /** Of the gateway. */
  readonly gateway: string;
  /** Bytes of extranonce1 and extranonce2 together. */
  readonly extranonceSize: number;
  /** Version bits machines may roll, as far as the pool grants them. */
  readonly versionMask: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface UpstreamEndpointListener {
  /** New work. @param cleanJobs whether earlier work of this endpoint is worthless */
  work(endpoint: UpstreamEndpoint, work: PoolWork, cleanJobs: boolean): void;
  /** It has come into order, or is not any more. */
  changed(endpoint: UpstreamEndpoint): void;
  record(record: UpstreamRecord): void;
}

const AGENT = 'assay/1.0';
/** The first pause after a loss; each further one is twice as long. */
const FIRST_PAUSE_MS = 250;
/** A connection that has worked for this long was no failure. */
const STEADY_MS = 10_000;
const EXPIRE_MS = 250;
/** Some pools close the connection on what they do not know: after this many such ends it is left out, once. */
const HANG_UPS = 2;
const NO_HANG_UPS = { extension: undefined, count: 0 };
const EXTENSIONS: readonly PoolExtension[] = ['configure', 'extranonce'];
/** Job ids remembered, to notice when a pool gives one to other work. */
const IDS_KEPT = 64;

export class UpstreamEndpoint {
  readonly tallies = new EndpointTallies();
  /** `host:port`, as configured. */
  readonly name: string;
  readonly shares: ForwardedShares;
  readonly #pool: UpstreamPoolSettings;
  readonly #settings: UpstreamEndpointSettings;
  readonly #options: UpstreamPoolOptions;
  readonly #listener: UpstreamEndpointListener;
  readonly #address: PoolAddress;
  #redirected: PoolAddress | undefined;
  #connection: UpstreamConnection | undefined;
  #wanted = false;
  #stopped = false;
  #work: PoolWork | undefined;
  #inOrderSinceMs: number | undefined;
  /** Attempts in a row that came to nothing, the present one not counted. */
  #failures = 0;
  #trouble = 'not connected yet';
  #returning = false;
  #sessionId = '';
  /** Connections in a row that ended before the same extension was answered. */
  #hangUps: { readonly extension: PoolExtension | undefined; readonly count: number } = NO_HANG_UPS;
  #rejects = new RejectWatch();
  readonly #works = new Map<string, PoolWork>();
  #retryTimer: NodeJS.Timeout | undefined;
  #redirectTimer: NodeJS.Timeout | undefined;
  #expireTimer: NodeJS.Timeout | undefined;

  constructor(
    pool: UpstreamPoolSettings,
    settings: UpstreamEndpointSettings,
    options: UpstreamPoolOptions,
    listener: UpstreamEndpointListener,
  ) {
    const address = readPoolUrl(settings.url);
    if (typeof address === 'string') throw new RangeError(`${settings.url} ${address}`);
    this.#address = address;
    this.name = `${address.host}:${address.port}`;
    this.#pool = pool;
    this.#settings = settings;
    this.#options = options;
    this.#listener = listener;
    this.shares = new ForwardedShares({
      gateway: options.gateway,
      source: options.name,
      endpoint: this.name,
      user: settings.user,
      baseUser: settings.baseUser,
      maxAccounts: pool.maxAccounts,
      resendMs: pool.resendSeconds * 1000,
      candidateMs: pool.candidateSeconds * 1000,
      clock: options.clock,
      tallies: this.tallies,
      record: (record) => listener.record(record),
    });
  }

  /** Since when it has work and takes shares, by performance.now(); undefined while it does not. */
  get inOrderSinceMs(): number | undefined {
    return this.#inOrderSinceMs;
  }

  /** Whether it has been tried and is not in order. */
  get failing(): boolean {
    return this.#failures > 0 && this.#inOrderSinceMs === undefined;
  }

  /** Whether the pool sent us elsewhere a moment ago, and we are on the way. */
  get returning(): boolean {
    return this.#returning;
  }

  /** Why it is not in order, or was not the last time. */
  get trouble(): string {
    return `${this.name}: ${this.#trouble}`;
  }

  /** The newest work; of the connection before while there is none. */
  get work(): PoolWork | undefined {
    return this.#work;
  }

  /** Connects, or lets go of the connection when nothing is open on it. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    if (this.#stopped) return;
    if (wanted) {
      if (this.#connection === undefined && this.#retryTimer === undefined) this.#connect();
    } else if (this.shares.size === 0) {
      clearTimeout(this.#retryTimer);
      this.#retryTimer = undefined;
      const connection = this.#connection;
      this.#connection = undefined;
      this.#inOrderSinceMs = undefined;
      this.shares.disconnect();
      connection?.close('not needed');
    }
  }

  /** Takes no more connections; the present one stays until `close`. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#redirectTimer);
  }

  /** Ends everything; what is open goes on record as it is. */
  close(): void {
    this.stop();
    clearInterval(this.#expireTimer);
    this.shares.abandon('the gateway stopped');
    this.#connection?.close('the gateway stops');
  }

  #connect(): void {
    const { connectSeconds, silenceSeconds, answerSeconds } = this.#pool;
    const { extranonceSize, versionMask } = this.#options;
    const { extension, count } = this.#hangUps;
    const { host, port } = this.#address;
    const address = this.#redirected ?? this.#address;
    this.#redirected = undefined;
    this.#rejects = new RejectWatch();
    const connection: UpstreamConnection = new UpstreamConnection(
      {
        agent: AGENT,
        user: this.#settings.baseUser,
        password: this.#settings.password,
        versionMask,
        extensions: EXTENSIONS.filter((one) => one !== extension || count < HANG_UPS),
        leastExtranonce2Bytes: extranonceSize,
        sessionId: this.#sessionId,
        host,
        port,
        address,
        connectSeconds,
        silenceSeconds,
        answerSeconds,
      },
      {
        job: (job) => this.#onJob(connection, job),
        answer: (request, accepted, reason) => {
          this.shares.answered(request, accepted, reason);
          if (this.#rejects.answered(accepted, reason)) connection.close(`it refuses most shares: ${reason}`);
        },
        account: (account, allowed, reason) => {
          if (!allowed) this.#warn({ account, reason }, 'the pool refuses the account of a worker');
          this.shares.accountAnswered(account, allowed);
        },
        redirect: (to) => this.#redirect(connection, to),
        message: (text) => this.#warn({ text }, 'the pool says'),
        problem: (problem) => {
          this.tallies.problem(problem);
          this.#warn({ problem }, 'the pool sent what cannot be used');
        },
        closed: (reason) => this.#onClosed(connection, reason),
      },
    );
    this.#connection = connection;
  }

  #onJob(connection: UpstreamConnection, of: PoolJob): void {
    const { algorithm } = this.#pool;
    const { extranonceSize, logger, name } = this.#options;
    const work = workOfPool(of, algorithm, extranonceSize);
    if (jobProblem(algorithm, work.job) !== undefined) return connection.close('its job cannot be worked on');
    const first = this.#inOrderSinceMs === undefined;
    const before = this.#work;
    this.#work = work;
    this.tallies.jobs++;
    this.#keepId(work);
    this.shares.gave(work);
    const sameSession = before?.extranonce1 === work.extranonce1;
    const sameBlock = before !== undefined && Buffer.compare(before.of.prevHash, of.prevHash) === 0;
    // Pools say clean with the first job of every connection; that makes nothing worthless that the session had before.
    const cleanJobs = !sameSession || (first ? !sameBlock : of.cleanJobs);
    if (first) {
      this.#returning = false;
      this.#inOrderSinceMs = performance.now();
      this.#sessionId = connection.sessionId;
      this.tallies.connects++;
      logger.info({ source: name, endpoint: this.name, resumed: sameSession }, 'pool connected');
      this.shares.connect(connection, work);
      this.#listener.changed(this);
    }
    this.#listener.work(this, work, cleanJobs);
  }

  /** A job id that comes again with other work means that work from now on; one with only a later time is the same work. */
  #keepId(work: PoolWork): void {
    const { idJson } = work.of;
    const before = this.#works.get(idJson);
    if (before !== undefined) this.shares.supersede(before, isSameWork(before, work) ? work : undefined);
    this.#works.delete(idJson);
    this.#works.set(idJson, work);
    const [oldest] = this.#works.keys();
    if (this.#works.size > IDS_KEPT) this.#works.delete(oldest!);
  }

  #redirect(connection: UpstreamConnection, { host, port, waitSeconds }: PoolRedirect): void {
    this.tallies.redirects++;
    this.#warn({ host, port, waitSeconds }, 'the pool asks to connect elsewhere');
    clearTimeout(this.#redirectTimer);
    const leave = (): void => {
      this.#redirected = { host, port, tls: this.#address.tls };
      this.#returning = true;
      connection.close(`the pool asked to connect to ${host}:${port}`);
    };
    this.#redirectTimer = setTimeout(leave, waitSeconds * 1000);
  }

  #onClosed(connection: UpstreamConnection, reason: string): void {
    clearTimeout(this.#redirectTimer);
    if (connection !== this.#connection) return;
    const worked = this.#inOrderSinceMs;
    this.#connection = undefined;
    this.#inOrderSinceMs = undefined;
    if (this.#stopped) return this.shares.abandon('the gateway stopped');
    this.tallies.losses++;
    this.#trouble = reason;
    const extension = connection.unansweredExtension;
    const again = extension !== undefined && extension === this.#hangUps.extension;
    this.#hangUps = extension === undefined ? NO_HANG_UPS : { extension, count: again ? this.#hangUps.count + 1 : 1 };
    if (worked === undefined) {
      this.#returning = false;
      if (connection.began) this.#sessionId = '';
    }
    if (worked !== undefined && performance.now() - worked >= STEADY_MS) this.#failures = 0;
    this.#failures++;
    this.shares.disconnect();
    this.#expireTimer ??= setInterval(() => this.#expire(), EXPIRE_MS);
    if (this.#wanted || this.shares.size > 0) this.#retryLater(worked !== undefined);
    if (worked !== undefined || this.#failures <= 1) this.#warn({ reason, worked: worked !== undefined }, 'pool lost');
    this.#listener.changed(this);
  }

  /** With jitter, so that not every gateway comes back at the same moment. */
  #retryLater(worked: boolean): void {
    const pauseMs = Math.min(this.#pool.retrySeconds * 1000, FIRST_PAUSE_MS * 2 ** Math.min(20, this.#failures - 1));
    const atOnce = worked && this.#failures === 1;
    const waitMs = atOnce ? 50 * Math.random() : pauseMs * (0.5 + Math.random() / 2);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      if (this.#wanted || this.shares.size > 0) this.#connect();
    }, waitMs);
  }

  #expire(): void {
    this.shares.expire();
    if (this.shares.size > 0 && this.#inOrderSinceMs === undefined) return;
    clearInterval(this.#expireTimer);
    this.#expireTimer = undefined;
    // What kept an endpoint connected that nobody else needs is done with.
    if (!this.#wanted) this.want(false);
  }

  #warn(what: Readonly<Record<string, unknown>>, message: string): void {
    this.#options.logger.warn({ source: this.#options.name, endpoint: this.name, ...what }, message);
  }
}

function isSameWork({ of: a }: PoolWork, { of: b }: PoolWork): boolean {
  const fields = ['prevHash', 'coinbase1', 'coinbase2', 'merkleBranches', 'extranonce1'] as const;
  return fields.every((field) => Buffer.compare(a[field], b[field]) === 0);
}
