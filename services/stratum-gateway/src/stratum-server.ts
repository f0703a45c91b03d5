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
import { AddressLimits } from './address-limits.ts';
import type { GatewayConfig } from './config.ts';
import { ConnectionList } from './connection-list.ts';
import { CLOSE_PATIENCE_US, ConnectionSweep } from './connection-sweep.ts';
import { Connection } from './connection.ts';
import type { CloseReason, GatewayTallies } from './gateway-tallies.ts';
import { JobFanOut } from './job-fan-out.ts';
import type { ListeningPort } from './listening-port.ts';
import { drainMiners } from './miner-drain.ts';
import { minerSocket, type MinerSocket } from './miner-socket.ts';
import { ProxyGreetings, type GreetingListener } from './proxy-greetings.ts';
import { LOG_UNAVAILABLE } from './reply-tails.ts';
import { trustedProxies } from './trusted-proxies.ts';
import type { WorkerEventLog } from './worker-event-log.ts';
import type { WorkerRecord, WorkerRegistry } from './worker-registry.ts';

/** A connection may use this many seconds' worth of requests at once. */
const BURST_SECONDS = 4;

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
  readonly #addresses: AddressLimits;
  readonly #connections = new ConnectionList();
  readonly #isProxy: ((address: string) => boolean) | undefined;
  readonly #greetings = new ProxyGreetings(this);
  readonly #fanOut: JobFanOut;
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
    this.#addresses = new AddressLimits(config);
    this.#isProxy = trustedProxies(config.proxyProtocolFrom);
    this.#fanOut = new JobFanOut(this.#connections, clock);
    this.#sweep = new ConnectionSweep(this.#connections, config, clock);
    this.#share = new CanonicalShare(config.extranonce2Bytes);
    this.#servers = ports.map((port) =>
      createServer({ pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 }, (socket) =>
        this.#accept(socket, port),
      ),
    );
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
    this.#sweep.start((nowUs) => {
      this.#addresses.forgetQuiet(nowUs);
      this.#greetings.sweep(nowUs);
    });
    return Object.fromEntries(listening);
  }

  #listen(server: Server, host: string, port: number, name: string): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 1024 }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#logger.error({ err: error, port: name }, 'stratum listener'));
        resolve();
      });
    });
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
    const allowed = connection.bucket.take(this.#nowUs, submitsPerSecond, this.submitBurst);
    // A request let through takes back one refused, and no more: a flood at three times the rate has a third of its lines let through.
    if (allowed) connection.refusedBalance = Math.max(0, connection.refusedBalance - 1);
    else if (++connection.refusedBalance > this.submitBurst) return connection.close('flood', this.#nowUs);

    if (scanSubmit(bytes, start, end, this.#line)) return this.#submit(connection, true, allowed);
    const message = parseMessage(bytes, start, end);
    switch (message.kind) {
      case 'reply':
        return handleReply(connection.session, message);
      case 'malformed':
        this.tallies.malformedLines++;
        connection.reply(encodeError(message.id, { code: ERROR_OTHER, message: message.problem }));
        if (++connection.badLines > this.#config.maxBadLines) connection.close('not_stratum', this.#nowUs);
        return;
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
    connection.session.check(line, this.#share, wellFormed, allowed, this.#checked);
    pipeline.addShare(connection, line, wellFormed, this.#share, this.#checked, this.#nowUs);
  }

  #request(connection: Connection, request: StratumRequest, allowed: boolean): void {
    if (!allowed) {
      this.tallies.refusedRequests++;
      return connection.reply(encodeError(request.id, { code: ERROR_OTHER, message: 'Too many requests' }));
    }
    const { session } = connection;
    const workersBefore = session.workers.length;
    const effects = handleRequest(session, request, this.#nowUs);
    if (session.workers.length > workersBefore) this.#registry.hold(session.workers[workersBefore]!.worker);
    const sends: Uint8Array[] = [];
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
          break;
      }
    }
    if (sends.length > 0) connection.reply(sends.length === 1 ? sends[0]! : Buffer.concat(sends));
    if (connection.lastJobUs === 0 && session.started) connection.lastJobUs = this.#nowUs;
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

  #accept(accepted: Socket, port: ListeningPort): void {
    const address = accepted.remoteAddress;
    // Already gone.
    if (address === undefined) return void accepted.destroy();
    if (this.#connections.length + this.#greetings.waiting >= this.#config.maxConnections)
      return this.#refuse(accepted, 'too_many_connections');
    const nowUs = this.#clock.nowUs();
    if (this.#isProxy?.(address) === true) {
      const socket = minerSocket(accepted);
      socket.port = port;
      return this.#greetings.await(socket, address, nowUs);
    }
    const opened = this.#addresses.open(address, nowUs);
    if (opened !== 'opened') return this.#refuse(accepted, opened);
    this.#open(minerSocket(accepted), port, address, nowUs);
  }

  /** A proxy passes on a connection of `address`, which counts from now on. */
  greeted(socket: MinerSocket, address: string, rest: Uint8Array, length: number): void {
    const nowUs = this.#clock.nowUs();
    const opened = this.#addresses.open(address, nowUs);
    if (opened !== 'opened') return this.#refuse(socket, opened);
    const connection = this.#open(socket, socket.port!, address, nowUs);
    if (connection !== undefined && length > 0) this.read(connection, rest, length);
  }

  notGreeted(socket: MinerSocket, reason: CloseReason): void {
    this.#refuse(socket, reason);
  }

  #open(socket: MinerSocket, port: ListeningPort, address: string, nowUs: number): Connection | undefined {
    const extranonce1 = this.#extranonces.acquire();
    if (extranonce1 === undefined) {
      this.#addresses.close(address);
      return void this.#refuse(socket, 'no_extranonce');
    }
    this.tallies.accepted++;
    const session = new StratumSession(port.listener, extranonce1);
    const connection = new Connection(this, socket, session, port, address, ++this.#lastSerial, nowUs);
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
    this.#addresses.close(connection.address);
    const atUs = this.#clock.nowUs();
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
