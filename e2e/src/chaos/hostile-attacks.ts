// What attackers do, each kind as a strike that is repeated so many times a second. All of it comes over loopback; the flood of
// connections has an address of its own, as every other attacker has to get through the door to do harm.
import { connect, type Socket } from 'node:net';
import type { Random } from '@assay/kernel';
import type { HostileMiner } from './hostile-miner.ts';
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
  | 'submit flood';

export interface Attack {
  readonly perSecond: number;
  readonly strike: () => void;
}

/** Where strikes come from. Linux lets every address of 127.0.0.0/8 be one's own. */
const FLOOD_ADDRESS = '127.0.0.2';
const OTHER_ADDRESS = '127.0.0.3';
/** Connections of the flood that wait for their answer; beyond it strikes are left out, and not counted. */
const MAX_OPENING = 500;
/** Sockets of one kind held open; beyond it the oldest is closed. */
const MAX_HELD = 500;
const DUPLICATES_PER_STRIKE = 50;
const INVALID_PER_STRIKE = 50;
/** A burst of 4,000 is let through by default, and as many more are refused before the connection is closed. */
const FLOOD_LINES = 9000;
const DRIP_MS = 250;

export interface AttackTarget {
  readonly port: number;
  readonly random: Random;
  /** Told of every connection that was tried. */
  readonly onFloodConnection: () => void;
  readonly miners: readonly HostileMiner[];
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
export function attacksOn({ port, random, onFloodConnection, miners }: AttackTarget): {
  readonly attacks: Readonly<Record<AttackName, Attack>>;
  readonly end: () => void;
} {
  const held = new Held();
  const slow = new Held();
  const dripping = setInterval(() => slow.writeToAll(' '), DRIP_MS);
  let opening = 0;
  let halfOpen = 0;
  const [duplicator, invalid] = miners as [HostileMiner, HostileMiner];
  const send = (bytes: string | Uint8Array): void => {
    const socket = open(port, OTHER_ADDRESS);
    held.add(socket);
    socket.write(bytes);
  };
  const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');
  const wrongTypes = lines(WRONG_TYPES);
  // A connection is closed after so many bad lines; this is more.
  const malformed = lines(Array.from({ length: 4 }, () => MALFORMED).flat());
  const unknown = lines(UNKNOWN_METHODS);
  const flood = invalid.strayShare().repeat(FLOOD_LINES);

  const attacks: Record<AttackName, Attack> = {
    'malformed JSON': { perSecond: 10, strike: () => send(malformed) },
    '1 MB lines': { perSecond: 10, strike: () => send(MEGABYTE) },
    'binary noise': { perSecond: 20, strike: () => send(noise(random)) },
    'half-open connections': {
      perSecond: 20,
      strike: () => {
        const socket = open(port, OTHER_ADDRESS, { allowHalfOpen: true });
        held.add(socket);
        // Half of them say that they have nothing more to say, and stay.
        if (++halfOpen % 2 === 0) socket.end();
      },
    },
    slowloris: {
      perSecond: 10,
      strike: () => {
        const socket = open(port, OTHER_ADDRESS);
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
    'unknown methods': { perSecond: 10, strike: () => send(unknown) },
    'wrong types': { perSecond: 2, strike: () => send(wrongTypes) },
    'duplicate shares': { perSecond: 10, strike: () => duplicator.repeatLastShare(DUPLICATES_PER_STRIKE) },
    'invalid shares': { perSecond: 10, strike: () => invalid.submitRubbish(INVALID_PER_STRIKE, random) },
    'submit flood': { perSecond: 0.25, strike: () => send(flood) },
  };
  return {
    attacks,
    end: () => {
      clearInterval(dripping);
      held.close();
      slow.close();
    },
  };
}
