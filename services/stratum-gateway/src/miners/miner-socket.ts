// Sockets that read into one buffer shared by all of them. A plain server socket is given a new 64 KB buffer for every read, cut
// to what came and left to the garbage collector; measured, that is a third of the cost of an answered share. Node offers reading
// into a buffer of one's own (`onread`) to client sockets only, so an accepted connection's handle is put into such a socket.
// The handle is no documented part of Node (it has been the same since Node 0.10): where it is missing the accepted socket serves as it is.
import { Socket } from 'node:net';
import type { Connection } from './connection.ts';
import type { ListeningPort } from './listening-port.ts';
import type { ProxyGreeting } from './proxy-greetings.ts';

/** A socket with its connection, so that one set of handlers serves all sockets. */
export interface MinerSocket extends Socket {
  connection?: Connection;
  /** Where it came in. */
  port?: ListeningPort;
  /** While a proxy has not said yet whose connection it is; there is no connection then. */
  greeting?: ProxyGreeting | undefined;
}

const READ_BUFFER_BYTES = 65_536;
/** A read is handled before the next one begins, on whichever socket, so all can share it. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

interface Handle {
  readonly useUserBuffer?: unknown;
}

/** Options of net.Socket with what @types/node leaves out. */
interface HandleSocketOptions {
  readonly handle: Handle;
  readonly onread: {
    readonly buffer: Uint8Array;
    readonly callback: (this: MinerSocket, length: number, buffer: Uint8Array) => boolean;
  };
}

/**
 * The socket to use for an accepted one, which must be paused (`pauseOnConnect`). Reads go to its connection once that is set.
 */
export function minerSocket(accepted: Socket): MinerSocket {
  const owner = accepted as unknown as { _handle: Handle | null; _server: unknown };
  const handle = owner._handle;
  if (typeof handle?.useUserBuffer !== 'function') return plainSocket(accepted);
  const options: HandleSocketOptions = { handle, onread: { buffer: readBuffer, callback: onRead } };
  const socket = new Socket(options as object);
  // The server counts its connections by this.
  (socket as unknown as { _server: unknown })._server = owner._server;
  owner._handle = owner._server = null;
  return socket;
}

/** The same for a socket that has to stay as it is, since TLS reads from it, in the end or first. */
export function plainSocket(socket: Socket): MinerSocket {
  socket.on('data', onData);
  socket.resume();
  return socket;
}

/** Hands a plain socket on to somebody else, who reads it. */
export function releaseSocket(socket: MinerSocket): Socket {
  socket.off('data', onData);
  return socket.pause();
}

function onRead(this: MinerSocket, length: number, buffer: Uint8Array): boolean {
  if (this.connection !== undefined) this.connection.server.read(this.connection, buffer, length);
  else this.greeting?.read(buffer, length);
  return true;
}

function onData(this: MinerSocket, chunk: Uint8Array): void {
  if (this.connection !== undefined) this.connection.server.read(this.connection, chunk, chunk.length);
  else this.greeting?.read(chunk, chunk.length);
}
