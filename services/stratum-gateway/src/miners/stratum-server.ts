// The miners' side of the gateway: accepts connections, reads their lines, answers them and hands shares to the pipeline.
// Invariant: no line, however wrong, does more than get its own connection an error or a close; every refusal is counted.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '@assay/kernel';
import type { Extranonce1Space } from '@assay/mining';
import type { Logger } from '@assay/platform';
import type { WorkerName } from '@assay/tenancy';
import {
  CanonicalShare,
  CheckedSubmit,
  ERROR_OTHER,
  StratumSession,
  SubmitLine,
  encodeError,
  encodeReconnect,
  handleReply,
  handleRequest,
  parseMessage,
  scanSubmit,
  submitFromRequest,
  type JobBook,
  type PublishedJob,
  type SessionWorker,
  type StratumRequest,
} from '@assay/stratum';
import type { GatewayConfig } from '../config.ts';
import { ConnectionList } from './connection-list.ts';
import { CLOSE_PATIENCE_US, ConnectionSweep } from './connection-sweep.ts';
import { Connection } from './connection.ts';
import { Ceilings } from '../defence/ceilings.ts';
import { Seldom } from '../defence/seldom.ts';
import type { SlowCheck } from '../defence/secret-verifier.ts';
import { Sources, type Source } from '../defence/sources.ts';
import type { CloseReason, GatewayTallies } from '../gateway-tallies.ts';
import type { LatencyProbe } from '../latency/latency-probe.ts';
import { refuseEarly } from './early-refusal.ts';
import { JobFanOut } from './job-fan-out.ts';
import type { ListeningPort } from './listening-port.ts';
import { drainMiners } from './miner-drain.ts';
import { minerSocket, plainSocket, releaseSocket, type MinerSocket } from './miner-socket.ts';
import { inNetworks } from './networks.ts';
import { ProxyGreetings, type GreetingListener } from './proxy-greetings.ts';
import { LOG_UNAVAILABLE } from '../shares/reply-tails.ts';
import { TlsDoor, type TlsVisitor } from '../tls/tls-door.ts';
import type { WorkerEventLog } from '../log/worker-event-log.ts';
import type { WorkerRecord, WorkerRegistry } from './worker-registry.ts';

/** A connection may use this many seconds' worth of requests at once. */
const BURST_SECONDS = 4;
/** Connections that wait to be accepted when a farm comes back at once; the system may allow fewer (net.core.somaxconn, 4096 on Linux). */
const BACKLOG = 4096;
/** A connection that says nothing for so long is asked whether it is still there. */
const KEEP_ALIVE_MS = 60_000;
/** Wrong secrets a connection may give; the next one closes it. */
const MAX_WRONG_SECRETS = 8;
/** Log lines that attackers can bring about are written at most this often. */
const NOTICE_US = 1e6;
/** What a flood that closes a connection counts against its address. */
const FLOOD_POINTS = 100;

export class StratumServer implements GreetingListener {
  readonly tallies: GatewayTallies;
  readonly maxLineBytes: number;
  readonly maxOutboundBytes: number;
  readonly submitBurst: number;
  readonly #config: GatewayConfig;
  readonly #ports: readonly ListeningPort[];
  readonly #extranonces: Extranonce1Space;
  readonly #registry: WorkerRegistry;
  readonly #events: WorkerEventLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sources: Sources;
  readonly #banNotice = new Seldom(NOTICE_US);
  readonly #acceptNotice = new Seldom(NOTICE_US);
  readonly ceilings: Ceilings;
  readonly #connections = new ConnectionList();
  readonly #isProxy: ((address: string) => boolean) | undefined;
  readonly #greetings = new ProxyGreetings(this);
  /** Where a port speaks TLS. */
  readonly tls: TlsDoor | undefined;
  readonly #fanOut: JobFanOut;
  readonly #latency: LatencyProbe | undefined;
  readonly #sweep: ConnectionSweep;
  readonly #servers: readonly Server[];
  readonly #line = new SubmitLine();
  readonly #share: CanonicalShare;
  readonly #checked = new CheckedSubmit<WorkerRecord>();
  #lastSerial = 0;
  #nowUs = 0;
  #onAllClosed: (() => void) | undefined;
  #stopping = false;

  constructor(
    config: GatewayConfig,
    ports: readonly ListeningPort[],
    extranonces: Extranonce1Space,
    registry: WorkerRegistry,
    events: WorkerEventLog,
    clock: Clock,
    logger: Logger,
    tallies: GatewayTallies,
    latency?: LatencyProbe,
  ) {
    this.#config = config;
    this.#ports = ports;
    this.#extranonces = extranonces;
    this.#registry = registry;
    this.#events = events;
    this.#clock = clock;
    this.#logger = logger;
    this.tallies = tallies;
    this.maxLineBytes = config.maxLineBytes;
    this.maxOutboundBytes = config.maxOutboundBytes;
    this.submitBurst = Math.max(1, config.submitsPerSecond * BURST_SECONDS);
    this.#sources = new Sources(config, (source, nowUs) => this.#banned(source, nowUs));
    this.ceilings = new Ceilings(config, logger);
    this.#isProxy = inNetworks(config.proxyProtocolFrom);
    if (ports.some(({ settings }) => settings.tls)) this.tls = new TlsDoor(config, clock, logger, this);
    this.#fanOut = new JobFanOut(this.#connections, clock);
    this.#latency = latency;
    this.#sweep = new ConnectionSweep(this.#connections, config, clock, latency);
    this.#share = new CanonicalShare(config.extranonce2Bytes);
    this.#servers = ports.map((port) => createServer({ pauseOnConnect: true }, (socket) => this.#accept(socket, port)));
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections.length;
  }

  /** Resolves with the TCP ports by name once all listen; rejects when one cannot. */
  async start(): Promise<Readonly<Record<string, number>>> {
    const listening: [string, number][] = [];
    for (const [at, server] of this.#servers.entries()) {
      const { settings } = this.#ports[at]!;
      await this.#listen(server, settings.host, settings.port, settings.name);
      listening.push([settings.name, (server.address() as AddressInfo).port]);
    }
    this.tls?.start();
    this.#sweep.start((nowUs) => {
      this.#sources.forgetQuiet(nowUs);
      this.#latency?.passed(nowUs);
      this.ceilings.look(this.#connections);
      this.#greetings.sweep(nowUs);
      this.tls?.sweep(nowUs);
    });
    return Object.fromEntries(listening);
  }

  #listen(server: Server, host: string, port: number, name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off('error', reject);
        // The listener goes on: without file descriptors connections wait or are dropped until there are some.
        server.on('error', (error) => this.#acceptFailed(error, name));
        refuseEarly(server, (address) => this.#keepsAway(address));
        resolve();
      });
    });
  }

  #acceptFailed(error: Error, port: string): void {
    this.tallies.acceptErrors++;
    this.#acceptNotice.say(this.#clock.nowUs(), (unsaid) =>
      this.#logger.error({ err: error, port, othersSinceLastSaid: unsaid }, 'a connection could not be accepted'),
    );
  }

  /** Takes no more connections and asks those there are to reconnect; resolves when they have, or when their time is up. */
  async drain(): Promise<void> {
    const { drainMinersSeconds = 0, reconnectsPerSecond = 1 } = this.#config;
    this.#takeNoMore();
    if (drainMinersSeconds > 0) await drainMiners(this.#connections, drainMinersSeconds, reconnectsPerSecond);
  }

  /** Takes no more connections and reads no more; what was read before is still answered. */
  stopReading(): void {
    this.#stopping = true;
    this.#takeNoMore();
    this.#sweep.stop();
    this.#greetings.stop();
    this.tls?.stop();
  }

  #takeNoMore(): void {
    for (const server of this.#servers) server.close();
  }

  /** Closes every connection and resolves when all are gone. */
  async closeAll(): Promise<void> {
    if (this.#connections.length === 0) return;
    const allClosed = new Promise<void>((resolve) => (this.#onAllClosed = resolve));
    const nowUs = this.#clock.nowUs();
    for (const connection of this.#connections.all()) connection.close('shutdown', nowUs);
    const impatient = setTimeout(() => {
      for (const connection of this.#connections.all()) connection.destroy('shutdown');
    }, CLOSE_PATIENCE_US / 1000);
    await allClosed;
    clearTimeout(impatient);
  }

  /** A new job for everybody who works for its source. */
  announce(jobs: JobBook, published: PublishedJob): void {
    this.tallies.jobs++;
    this.#fanOut.announce(jobs, published);
  }

  /** Routes have changed: puts each connection to the source that is its own now, without dropping it. */
  reroute(jobsOf: (worker: WorkerName, port: ListeningPort) => JobBook): void {
    this.#fanOut.each(
      () => true,
      ({ session, port }, nowUs) => {
        const [first] = session.workers;
        return first === undefined ? undefined : session.follow(jobsOf(first.worker.name, port), nowUs);
      },
    );
  }

  /** There is no work for these connections: lets them go, so that their machines turn to their next pool. */
  dismiss(jobs: JobBook): void {
    const nowUs = this.#clock.nowUs();
    const reconnect = encodeReconnect(undefined, undefined, 0);
    for (const connection of this.#connections.all()) {
      if (connection.session.jobs !== jobs || !connection.session.ready) continue;
      connection.notify(reconnect);
      connection.close('no_work', nowUs);
    }
  }

  /** Something about a worker has changed that it has to log in again for: closes its connections. */
  dismissWorker(worker: string): void {
    const nowUs = this.#clock.nowUs();
    for (const connection of this.#connections.all())
      if (connection.session.workers.some((one) => one.worker.name.worker === worker))
        connection.close('reconfigured', nowUs);
  }

  /** Connections that work for a source. */
  workingFor(jobs: JobBook): number {
    return this.#connections.all().reduce((count, { session }) => count + (session.jobs === jobs ? 1 : 0), 0);
  }

  /** Sends to every connection on which the worker is authorized, or to all; returns to how many. */
  sendTo(worker: string | undefined, bytes: Uint8Array): number {
    let sent = 0;
    for (const connection of this.#connections.all()) {
      if (worker !== undefined && !connection.session.workers.some((one) => one.worker.name.worker === worker))
        continue;
      connection.notify(bytes);
      sent++;
    }
    return sent;
  }

  /** One line of a connection. */
  handleLine(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const { submitsPerSecond } = this.#config;
    let allowed = connection.bucket.take(this.#nowUs, submitsPerSecond, this.submitBurst);
    // A request let through takes back one refused, and no more: a flood at three times the rate has a third of its lines let through.
    if (allowed) connection.refusedBalance = Math.max(0, connection.refusedBalance - 1);
    else if (++connection.refusedBalance > this.submitBurst) {
      connection.close('flood', this.#nowUs);
      return this.misbehaved(connection, FLOOD_POINTS, this.#nowUs);
    }
    // What its neighbours ask for too much is not held against the connection.
    allowed &&= this.#sources.takeRequest(connection.source, this.#nowUs);

    if (scanSubmit(bytes, start, end, this.#line)) return this.#submit(connection, true, allowed);
    const message = parseMessage(bytes, start, end);
    switch (message.kind) {
      case 'reply': {
        const question = handleReply(connection.session, message);
        if (question !== undefined) this.#latency?.answered(connection, question, this.#nowUs);
        return;
      }
      case 'malformed':
        this.tallies.malformedLines++;
        connection.reply(encodeError(message.id, { code: ERROR_OTHER, message: message.problem }));
        if (++connection.badLines > this.#config.maxBadLines) connection.close('not_stratum', this.#nowUs);
        return this.misbehaved(connection, 1, this.#nowUs);
      case 'request':
        if (message.method === 'mining.submit')
          return this.#submit(connection, submitFromRequest(message, this.#line), allowed);
        return this.#request(connection, message, allowed);
    }
  }

  lineTooLong(connection: Connection): void {
    connection.reply(
      encodeError(Buffer.from('null'), { code: ERROR_OTHER, message: `Line longer than ${this.maxLineBytes} bytes` }),
    );
    connection.close('line_too_long', this.#nowUs);
  }

  #submit(connection: Connection, complete: boolean, allowed: boolean): void {
    const line = this.#line;
    const { pipeline } = connection.port;
    if (pipeline.atBound) {
      this.tallies.unavailable++;
      connection.write(encodeError(line.bytes.subarray(line.idStart, line.idEnd), LOG_UNAVAILABLE, 'false'));
      return;
    }
    const wellFormed = complete && this.#share.read(line);
    const checked = this.#checked;
    connection.asked = true;
    connection.session.check(line, this.#share, wellFormed, allowed, checked);
    if (checked.reason === '' && !this.#registry.takeSubmit(checked.worker!, this.#nowUs)) {
      checked.reason = 'rate_limited';
      const { jobId, extranonce2, ntime, nonce, versionBits } = this.#share;
      connection.session.forget(jobId, extranonce2, ntime, nonce, versionBits);
    }
    pipeline.addShare(connection, line, wellFormed, this.#share, checked, this.#nowUs);
  }

  #request(connection: Connection, request: StratumRequest, allowed: boolean): void {
    if (!allowed) {
      this.tallies.refusedRequests++;
      return connection.reply(encodeError(request.id, { code: ERROR_OTHER, message: 'Too many requests' }));
    }
    if (request.method === 'mining.authorize') {
      const verification = this.#registry.verification(request.params, connection);
      if (verification !== undefined) return this.#requestWhen(verification, connection, request);
    }
    this.#answerRequest(connection, request);
  }

  /** Answers a request when its secret was checked, which goes on elsewhere while the connection's other lines are answered. */
  #requestWhen(verification: Promise<SlowCheck>, connection: Connection, request: StratumRequest): void {
    // The bytes are the reader's, who goes on.
    const kept = { ...request, id: Uint8Array.from(request.id) };
    const answer = (outcome: SlowCheck): void => {
      if (connection.closeReason !== undefined || this.#stopping) return;
      this.#nowUs = this.#clock.nowUs();
      if (outcome === 'done') return this.#answerRequest(connection, kept);
      this.tallies.refusedRequests++;
      connection.reply(encodeError(kept.id, { code: ERROR_OTHER, message: 'Too many logins at once' }, 'false'));
    };
    verification.then(answer, (error: unknown) => {
      this.#logger.error({ err: error }, 'a secret could not be checked');
      answer('busy');
    });
  }

  #answerRequest(connection: Connection, request: StratumRequest): void {
    const { session } = connection;
    const workersBefore = session.workers.length;
    const effects = handleRequest(session, request, this.#nowUs);
    if (session.workers.length > workersBefore)
      this.#registry.hold(session.workers[workersBefore]!.worker, this.#nowUs);
    const sends: Uint8Array[] = [];
    let known = true;
    for (const effect of effects) {
      switch (effect.type) {
        case 'send':
          sends.push(effect.bytes);
          break;
        case 'authorized':
          this.#authorized(connection, effect.worker);
          break;
        case 'unknown_method':
          this.tallies.unknownMethods++;
          known = false;
          break;
        case 'wrong_secret':
          this.#wrongSecret(connection, effect.worker, effect.secret);
          break;
      }
    }
    connection.asked ||= known;
    if (sends.length > 0) connection.reply(sends.length === 1 ? sends[0]! : Buffer.concat(sends));
    if (connection.lastJobUs === 0 && session.started) connection.lastJobUs = this.#nowUs;
    if (connection.wrongSecrets > MAX_WRONG_SECRETS) connection.close('wrong_secrets', this.#nowUs);
  }

  #wrongSecret(connection: Connection, worker: string, secret: string): void {
    this.tallies.wrongSecrets++;
    connection.wrongSecrets++;
    if (this.#sources.guessed(connection.source, worker, secret, this.#nowUs)) connection.close('banned', this.#nowUs);
  }

  /** Something no good miner does; the last straw closes the connection, and keeps its address away for a while. */
  misbehaved(connection: Connection, points: number, nowUs: number): void {
    if (points > 0 && this.#sources.misbehaved(connection.source, points, nowUs)) connection.close('banned', nowUs);
  }

  #banned({ name, misconduct }: Source, nowUs: number): void {
    this.tallies.bans++;
    const seconds = Math.round((misconduct.bannedUntilUs - nowUs) / 1e6);
    this.#banNotice.say(nowUs, (unsaid) =>
      this.#logger.warn({ address: name, seconds, othersSinceLastSaid: unsaid }, 'an address is banned'),
    );
  }

  /** Addresses banned now. */
  get bannedAddresses(): number {
    return this.#sources.banned(this.#clock.nowUs());
  }

  #authorized(connection: Connection, { worker }: SessionWorker<WorkerRecord>): void {
    const { expectedHashRateHs, reportingIntervalSeconds } = worker;
    this.#events.add({
      type: 'authorized',
      atUs: this.#nowUs,
      gateway: this.#config.gatewayName,
      tenant: worker.name.tenant,
      worker: worker.name.worker,
      connection: String(connection.serial),
      algorithm: connection.port.settings.algorithm,
      remoteAddress: connection.address,
      userAgent: connection.session.userAgent,
      difficulty: connection.session.difficulty,
      ...(expectedHashRateHs === undefined ? {} : { expectedHashRateHs }),
      ...(reportingIntervalSeconds === undefined ? {} : { reportingIntervalSeconds }),
    });
  }

  /** A proxy's own address says nothing about whose connection it passes on. */
  #keepsAway(address: string): boolean {
    if (this.#isProxy?.(address) === true) return false;
    const reason = this.#sources.keptAway(address, this.#clock.nowUs());
    if (reason === undefined) return false;
    this.tallies.closes[reason]++;
    return true;
  }

  #accept(accepted: Socket, port: ListeningPort): void {
    const address = accepted.remoteAddress;
    // Already gone.
    if (address === undefined) return void accepted.destroy();
    const waiting = this.#greetings.waiting + (this.tls?.waiting ?? 0);
    if (this.#connections.length + waiting >= this.ceilings.maxConnections)
      return this.#refuse(accepted, 'too_many_connections');
    if (this.ceilings.refusal !== undefined) return this.#refuse(accepted, this.ceilings.refusal);
    const nowUs = this.#clock.nowUs();
    if (this.#isProxy?.(address) === true) {
      settle(accepted);
      const socket = port.settings.tls ? plainSocket(accepted) : minerSocket(accepted);
      socket.port = port;
      return this.#greetings.await(socket, address, nowUs);
    }
    const source = this.#sources.open(address, nowUs);
    if (typeof source === 'string') return this.#refuse(accepted, source);
    settle(accepted);
    if (port.settings.tls) this.tls!.admit(accepted, port, address, source);
    else this.#open(minerSocket(accepted), port, address, source, nowUs);
  }

  /** A proxy passes on a connection of `address`, which counts from now on. */
  greeted(socket: MinerSocket, address: string, rest: Uint8Array, length: number): void {
    const nowUs = this.#clock.nowUs();
    const source = this.#sources.open(address, nowUs);
    if (typeof source === 'string') return this.#refuse(socket, source);
    const port = socket.port!;
    // The bytes are the reader's.
    if (port.settings.tls)
      return this.tls!.admit(releaseSocket(socket), port, address, source, Uint8Array.from(rest.subarray(0, length)));
    const connection = this.#open(socket, port, address, source, nowUs);
    if (connection !== undefined && length > 0) this.read(connection, rest, length);
  }

  secured(socket: MinerSocket, { port, address, source }: TlsVisitor): void {
    this.#open(plainSocket(socket), port, address, source, this.#clock.nowUs());
  }

  notSecured({ source }: TlsVisitor, reason: CloseReason): void {
    this.tallies.closes[reason]++;
    this.#sources.close(source);
    if (reason !== 'shutdown') this.#sources.misbehaved(source, 1, this.#clock.nowUs());
  }

  notGreeted(socket: MinerSocket, reason: CloseReason): void {
    this.#refuse(socket, reason);
  }

  #open(
    socket: MinerSocket,
    port: ListeningPort,
    address: string,
    source: Source,
    nowUs: number,
  ): Connection | undefined {
    const extranonce1 = this.#extranonces.acquire();
    if (extranonce1 === undefined) {
      this.#sources.close(source);
      return void this.#refuse(socket, 'no_extranonce');
    }
    this.tallies.accepted++;
    const session = new StratumSession(port.listener, extranonce1);
    const connection = new Connection(this, socket, session, port, address, source, ++this.#lastSerial, nowUs);
    this.#connections.add(connection);
    socket.connection = connection;
    socket.on('error', onError);
    socket.on('close', onClose);
    return connection;
  }

  #refuse(socket: Socket, reason: CloseReason): void {
    this.tallies.closes[reason]++;
    socket.on('error', ignore);
    socket.destroy();
  }

  /** `chunk[0, length)` came in on the connection. */
  read(connection: Connection, chunk: Uint8Array, length: number): void {
    if (this.#stopping) return;
    this.#nowUs = this.#clock.nowUs();
    this.tallies.receivedBytes += length;
    connection.read(chunk, length, this.#nowUs);
  }

  /** The socket is gone: gives back what the connection held. */
  closed(connection: Connection): void {
    const reason = (connection.closeReason ??= 'closed');
    this.tallies.closes[reason]++;
    this.#connections.remove(connection);
    this.#extranonces.release(connection.session.extranonce1);
    this.#sources.close(connection.source);
    const atUs = this.#clock.nowUs();
    if (reason === 'closed' || reason === 'error') this.#latency?.lost(connection, atUs);
    if (!connection.asked && reason !== 'shutdown') this.misbehaved(connection, 1, atUs);
    for (const { worker } of connection.session.workers) {
      this.#registry.release(worker);
      if (!connection.session.subscribed) continue;
      const { tenant, worker: name } = worker.name;
      this.#events.add({
        type: 'disconnected',
        atUs,
        gateway: this.#config.gatewayName,
        tenant,
        worker: name,
        connection: String(connection.serial),
        reason,
      });
    }
    if (this.#connections.length === 0) this.#onAllClosed?.();
  }
}

/**
 * For connections that stay. As options of the server these calls would be made for those refused too: in a flood of 10,000 connections a
 * second they were a tenth of the gateway's time.
 */
function settle(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** A reset or a timeout of the network; 'close' follows. */
function onError(this: MinerSocket): void {
  this.connection!.closeReason ??= 'error';
}

function onClose(this: MinerSocket): void {
  const connection = this.connection!;
  connection.server.closed(connection);
}

function ignore(): void {
  // The socket was refused; how it ends does not matter.
}
