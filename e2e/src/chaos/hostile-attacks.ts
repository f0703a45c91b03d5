// What attackers do, each kind as a strike that is repeated so many times a second. All of it comes over loopback, from many addresses,
// so that a ban does not end it; only the flood of connections has a single one, which is banned early and does not mind.
import { connect, type Socket } from 'node:net';
import type { Random } from '@assay/kernel';
import { HostileAddresses } from './hostile-addresses.ts';
import type { Cheat } from './hostile-cheat.ts';
import { MALFORMED, MEGABYTE, noise, UNKNOWN_METHODS, WRONG_TYPES } from './hostile-lines.ts';

export type AttackName =
  | 'malformed JSON'
  | '1 MB lines'
  | 'binary noise'
  | 'half-open connections'
  | 'slowloris'
  | 'connection flood'
  | 'unknown methods'
  | 'wrong types'
  | 'duplicate shares'
  | 'invalid shares'
  | 'submit flood'
  | 'TLS handshake flood'
  | 'TLS silence'
  | 'secret guessing';

export interface Attack {
  readonly perSecond: number;
  readonly strike: () => void;
}

const FLOOD_ADDRESS = '127.0.0.2';
/** As many per kind as let none of them be banned within one attack. */
const ADDRESSES = 250;
const GUESSES_PER_STRIKE = 10;
const GUARDED_WORKERS = ['guarded.cave.thought-of', 'guarded.cave.drawn'];
/** Connections of the flood that wait for their answer; beyond it strikes are left out, and not counted. */
const MAX_OPENING = 500;
/** Sockets of one set held open; beyond it the oldest is closed. */
const MAX_HELD = 500;
const DUPLICATES_PER_STRIKE = 50;
const INVALID_PER_STRIKE = 50;
/** A burst of 4,000 is let through by default, and as many more are refused before the connection is closed. */
const FLOOD_LINES = 9000;
const DRIP_MS = 250;

export interface AttackTarget {
  readonly port: number;
  readonly tlsPort: number;
  /** What a TLS client says first. */
  readonly clientHello: Uint8Array;
  readonly random: Random;
  /** Told of every connection that was tried. */
  readonly onFloodConnection: () => void;
  /** One that repeats a share, one that sends rubbish, one that sends too much. */
  readonly cheats: readonly Cheat[];
  /** Where the guesses of secrets come from, which gets them banned. */
  readonly guessers: HostileAddresses;
}

/** A connection of an attacker, who does not care how it ends. */
function open(port: number, localAddress: string, options: { readonly allowHalfOpen?: boolean } = {}): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true, ...options });
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}

class Held {
  readonly #sockets = new Set<Socket>();

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size > MAX_HELD) for (const oldest of this.#sockets) return void oldest.destroy();
  }

  writeToAll(text: string): void {
    for (const socket of this.#sockets) if (socket.writable) socket.write(text);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The attacks on a pool, and how to end those that hold something. */
export function attacksOn(target: AttackTarget): {
  readonly attacks: Readonly<Record<AttackName, Attack>>;
  readonly end: () => void;
} {
  const { port, tlsPort, clientHello, random, onFloodConnection, cheats, guessers } = target;
  const held = new Held();
  const slow = new Held();
  // Apart from the others, which would push them out before the pool loses its patience with them.
  const silent = new Held();
  const dripping = setInterval(() => slow.writeToAll(' '), DRIP_MS);
  let opening = 0;
  let halfOpen = 0;
  const [duplicator, invalid, flooder] = cheats as [Cheat, Cheat, Cheat];
  let network = 10;
  /** Connections that send something and stay, one kind of them. */
  const sender = (
    bytes: () => string | Uint8Array,
    to = port,
    addresses = new HostileAddresses(network++, ADDRESSES),
  ) => {
    return (): void => {
      const socket = open(to, addresses.next());
      held.add(socket);
      const first = bytes();
      if (first.length > 0) socket.write(first);
    };
  };
  const halfOpenAddresses = new HostileAddresses(network++, ADDRESSES);
  const slowAddresses = new HostileAddresses(network++, ADDRESSES);
  const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');
  const wrongTypes = lines(WRONG_TYPES);
  // A connection is closed after so many bad lines; this is more.
  const malformed = lines(Array.from({ length: 4 }, () => MALFORMED).flat());
  const unknown = lines(UNKNOWN_METHODS);
  const guess = (): string =>
    lines(
      Array.from({ length: GUESSES_PER_STRIKE }, (_, i) =>
        JSON.stringify({
          id: i,
          method: 'mining.authorize',
          params: [GUARDED_WORKERS[i % GUARDED_WORKERS.length], String(random.uint32())],
        }),
      ),
    );

  const attacks: Record<AttackName, Attack> = {
    'malformed JSON': { perSecond: 10, strike: sender(() => malformed) },
    '1 MB lines': { perSecond: 10, strike: sender(() => MEGABYTE) },
    'binary noise': { perSecond: 20, strike: sender(() => noise(random)) },
    'half-open connections': {
      perSecond: 20,
      strike: () => {
        const socket = open(port, halfOpenAddresses.next(), { allowHalfOpen: true });
        silent.add(socket);
        // Half of them say that they have nothing more to say, and stay.
        if (++halfOpen % 2 === 0) socket.end();
      },
    },
    slowloris: {
      perSecond: 10,
      strike: () => {
        const socket = open(port, slowAddresses.next());
        slow.add(socket);
        socket.write('{"id":1,"method":');
      },
    },
    'connection flood': {
      perSecond: 10_000,
      strike: () => {
        if (opening >= MAX_OPENING) return;
        opening++;
        onFloodConnection();
        const socket = open(port, FLOOD_ADDRESS);
        socket.on('connect', () => socket.resetAndDestroy());
        socket.on('close', () => opening--);
      },
    },
    'unknown methods': { perSecond: 10, strike: sender(() => unknown) },
    'wrong types': { perSecond: 2, strike: sender(() => wrongTypes) },
    'duplicate shares': { perSecond: 10, strike: () => duplicator.miner?.repeatLastShare(DUPLICATES_PER_STRIKE) },
    'invalid shares': { perSecond: 10, strike: () => invalid.miner?.submitRubbish(INVALID_PER_STRIKE, random) },
    'submit flood': { perSecond: 0.25, strike: () => flooder.miner?.flood(FLOOD_LINES) },
    'TLS handshake flood': { perSecond: 300, strike: sender(() => clientHello, tlsPort) },
    'TLS silence': { perSecond: 50, strike: sender(() => '', tlsPort) },
    'secret guessing': { perSecond: 10, strike: sender(guess, port, guessers) },
  };
  return {
    attacks,
    end: () => {
      clearInterval(dripping);
      for (const set of [held, slow, silent]) set.close();
    },
  };
}
