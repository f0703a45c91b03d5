// From an accepted connection of a TLS port to a socket that speaks plain: waits for the first bytes, then for its turn, then for the
// handshake. A handshake costs 0.35 ms (measured) of the loop that answers shares, so they are begun at a bounded rate, addresses in
// turn; until then a connection costs a socket and the bytes it sent first, nothing of TLS. What a PROXY header says came before.
// Invariants: a connection leaves here once, secured or not; never more than `maxTlsHandshakes` are here.
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '@assay/kernel';
import type { Logger } from '@assay/platform';
import type { Source } from '../defence/sources.ts';
import { Turns } from '../defence/turns.ts';
import type { CloseReason } from '../gateway-tallies.ts';
import type { ListeningPort } from '../miners/listening-port.ts';
import { TokenBucket } from '../miners/token-bucket.ts';
import { CertificateFiles, type CertificateSettings } from './certificate-files.ts';

export interface TlsDoorSettings extends CertificateSettings {
  readonly tlsHandshakeSeconds: number;
  readonly tlsHandshakesPerSecond: number;
  readonly maxTlsHandshakes: number;
}

/** A connection before it is secured. */
export interface TlsVisitor {
  readonly raw: Socket;
  readonly port: ListeningPort;
  readonly address: string;
  readonly source: Source;
}

export interface TlsDoorListener {
  /** `socket` speaks for `visitor.raw` from now on; nothing was read from it. */
  secured(socket: TLSSocket, visitor: TlsVisitor): void;
  /** Its socket is closed or about to. */
  notSecured(visitor: TlsVisitor, reason: CloseReason): void;
}

interface Visit extends TlsVisitor {
  /** The four ends by which its TLS socket is known again. */
  readonly peer: string;
  readonly openedAtUs: number;
  /** What it sent first; undefined until it did. */
  hello: Uint8Array | undefined;
  begun: boolean;
  reason: CloseReason;
}

const TURN_MS = 10;
/** A handshake that comes to nothing takes so many others' turns besides its own: those who never finish one are held to a fifth of the rate. */
const UNFINISHED_TURNS = 4;
/** Characters of a name in a certificate that go into the log. */
const MAX_NAME_LENGTH = 128;

export class TlsDoor {
  readonly certificates: CertificateFiles;
  /** Handshakes done. */
  secured = 0;
  readonly #settings: TlsDoorSettings;
  readonly #listener: TlsDoorListener;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #visits = new Map<string, Visit>();
  readonly #turns = new Turns<Source, Visit>();
  readonly #begins: TokenBucket;
  readonly #burst: number;
  #timer: NodeJS.Timeout | undefined;

  /** Throws SettingsError when there is no certificate to show. */
  constructor(settings: TlsDoorSettings, clock: Clock, logger: Logger, listener: TlsDoorListener) {
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#listener = listener;
    this.#burst = Math.max(1, (settings.tlsHandshakesPerSecond * TURN_MS) / 1000);
    this.#begins = new TokenBucket(this.#burst, clock.nowUs());
    this.certificates = new CertificateFiles(settings, clock, logger, (options) =>
      this.#server.setSecureContext(options),
    );
    // Never listens: connections are brought to it when it is their turn.
    this.#server = createServer({
      ...this.certificates.options,
      handshakeTimeout: settings.tlsHandshakeSeconds * 1000,
      requestCert: settings.stratumTlsClients !== 'off',
      rejectUnauthorized: settings.stratumTlsClients === 'required',
    });
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket));
  }

  /** Connections that are not secured yet. */
  get waiting(): number {
    return this.#visits.size;
  }

  start(): void {
    this.certificates.start();
  }

  /** Takes a paused socket. @param first what came with a PROXY header and is the client's own */
  admit(raw: Socket, port: ListeningPort, address: string, source: Source, first?: Uint8Array): void {
    const nowUs = this.#clock.nowUs();
    const peer = endsOf(raw);
    const visit: Visit = {
      raw,
      port,
      address,
      source,
      peer,
      openedAtUs: nowUs,
      hello: undefined,
      begun: false,
      reason: 'tls_failed',
    };
    raw.on('error', ignore);
    if (this.#visits.size >= this.#settings.maxTlsHandshakes || this.#visits.has(peer)) {
      raw.destroy();
      return this.#listener.notSecured(visit, 'too_many_tls_handshakes');
    }
    this.#visits.set(peer, visit);
    raw.on('close', () => this.#leave(visit));
    const said = (bytes: Uint8Array): void => {
      raw.pause();
      visit.hello = bytes;
      this.#turns.add(source, visit);
      this.#next();
    };
    if (first !== undefined && first.length > 0) return said(first);
    raw.once('data', said);
    raw.resume();
  }

  /** Closes those that say nothing for too long. */
  sweep(nowUs: number): void {
    for (const visit of this.#visits.values()) {
      if (visit.hello !== undefined || nowUs - visit.openedAtUs <= this.#settings.tlsHandshakeSeconds * 1e6) continue;
      visit.reason = 'tls_timeout';
      visit.raw.destroy();
    }
  }

  /** Closes all of them. */
  stop(): void {
    clearTimeout(this.#timer);
    this.certificates.stop();
    for (const visit of this.#visits.values()) {
      visit.reason = 'shutdown';
      visit.raw.destroy();
    }
  }

  /** Begins as many handshakes as may be begun now, and comes back for the others. */
  #next(): void {
    const nowUs = this.#clock.nowUs();
    while (this.#turns.length > 0) {
      if (!this.#begins.take(nowUs, this.#settings.tlsHandshakesPerSecond, this.#burst)) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#next();
        }, TURN_MS);
        return;
      }
      this.#begin(this.#turns.take()!);
    }
  }

  #begin(visit: Visit): void {
    if (visit.raw.destroyed) return;
    visit.begun = true;
    visit.raw.unshift(visit.hello!);
    this.#server.emit('connection', visit.raw);
  }

  #secured(socket: TLSSocket): void {
    const visit = this.#visits.get(endsOf(socket));
    if (visit?.begun !== true) return void socket.destroy();
    this.#visits.delete(visit.peer);
    this.secured++;
    if (this.#settings.stratumTlsClients !== 'off') {
      const certificate = nameOf(socket);
      this.#logger.info({ address: visit.address, certificate, trusted: socket.authorized }, 'a miner came over TLS');
    }
    this.#listener.secured(socket, visit);
  }

  /** The socket is not always closed yet: not when the handshake took too long. */
  #failed(error: Error & { readonly code?: string }, socket: TLSSocket): void {
    const visit = this.#visits.get(endsOf(socket));
    if (visit !== undefined && error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') visit.reason = 'tls_timeout';
    socket.destroy();
  }

  #leave(visit: Visit): void {
    // Another connection can have had the same ends only after this one was closed.
    if (this.#visits.get(visit.peer) !== visit) return;
    this.#visits.delete(visit.peer);
    if (visit.begun) this.#begins.charge(UNFINISHED_TURNS, this.#settings.tlsHandshakesPerSecond);
    else if (visit.hello !== undefined) this.#turns.remove(visit.source, visit);
    this.#listener.notSecured(visit, visit.reason);
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}

/** What the certificate calls its owner, as far as a log can show it. */
function nameOf(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: unknown } };
  const name = subject?.CN;
  return typeof name === 'string' ? name.slice(0, MAX_NAME_LENGTH).replace(/[^\x20-\x7e]/g, '?') : '';
}

function ignore(): void {
  // 'close' follows.
}
