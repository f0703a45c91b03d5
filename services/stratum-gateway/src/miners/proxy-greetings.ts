// Connections from trusted proxies that have not said yet whose they are: each must begin with a PROXY header, within some seconds.
// Only these have a buffer and a place here, and only until the header is read; an open connection costs what it did without.
import { parseProxyHeader } from '@assay/stratum';
import type { CloseReason } from '../gateway-tallies.ts';
import type { MinerSocket } from './miner-socket.ts';

/** A proxy sends its header at once; one that does not within this long is closed. */
const PATIENCE_US = 5_000_000;

export interface GreetingListener {
  /** The header was read. `rest[0, length)` came with it and is the client's; valid during the call. */
  greeted(socket: MinerSocket, address: string, rest: Uint8Array, length: number): void;
  /** There was none. */
  notGreeted(socket: MinerSocket, reason: CloseReason): void;
}

export class ProxyGreeting {
  readonly #greetings: ProxyGreetings;
  readonly socket: MinerSocket;
  /** The proxy's own address: that of a connection it does not pass on, such as a health check. */
  readonly address: string;
  readonly openedAtUs: number;
  /** What came before, when that was not all of it. */
  #kept: Uint8Array = new Uint8Array(0);

  constructor(greetings: ProxyGreetings, socket: MinerSocket, address: string, nowUs: number) {
    this.#greetings = greetings;
    this.socket = socket;
    this.address = address;
    this.openedAtUs = nowUs;
  }

  /** `chunk[0, length)` came in. */
  read(chunk: Uint8Array, length: number): void {
    const isFirst = this.#kept.length === 0;
    const bytes = isFirst ? chunk : Buffer.concat([this.#kept, chunk.subarray(0, length)]);
    const total = isFirst ? length : bytes.length;
    const header = parseProxyHeader(bytes, total);
    if (header.kind === 'malformed') this.#greetings.end(this, 'no_proxy_header');
    // A copy, since the chunk is another's as soon as this returns; shorter than the longest header.
    else if (header.kind === 'more') this.#kept = isFirst ? Uint8Array.from(bytes.subarray(0, total)) : bytes;
    else {
      const address = header.kind === 'client' ? header.address : this.address;
      this.#greetings.greeted(this, address, bytes.subarray(header.length, total));
    }
  }

  closed(): void {
    this.#greetings.forget(this);
  }
}

export class ProxyGreetings {
  readonly #listener: GreetingListener;
  readonly #waiting = new Set<ProxyGreeting>();

  constructor(listener: GreetingListener) {
    this.#listener = listener;
  }

  /** Connections that have not said whose they are. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Waits for the header of a socket of which nothing was read. */
  await(socket: MinerSocket, address: string, nowUs: number): void {
    const greeting = new ProxyGreeting(this, socket, address, nowUs);
    this.#waiting.add(greeting);
    socket.greeting = greeting;
    socket.on('error', ignore);
    socket.on('close', onClose);
  }

  greeted(greeting: ProxyGreeting, address: string, rest: Uint8Array): void {
    this.forget(greeting);
    this.#listener.greeted(greeting.socket, address, rest, rest.length);
  }

  end(greeting: ProxyGreeting, reason: CloseReason): void {
    this.forget(greeting);
    this.#listener.notGreeted(greeting.socket, reason);
  }

  forget(greeting: ProxyGreeting): void {
    this.#waiting.delete(greeting);
    const { socket } = greeting;
    socket.greeting = undefined;
    socket.off('error', ignore);
    socket.off('close', onClose);
  }

  /** Closes those that take too long. */
  sweep(nowUs: number): void {
    for (const greeting of this.#waiting)
      if (nowUs - greeting.openedAtUs > PATIENCE_US) this.end(greeting, 'no_proxy_header');
  }

  /** Closes all of them. */
  stop(): void {
    for (const greeting of this.#waiting) this.end(greeting, 'shutdown');
  }
}

function onClose(this: MinerSocket): void {
  this.greeting?.closed();
}

function ignore(): void {
  // 'close' follows.
}
