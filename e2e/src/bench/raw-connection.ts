// A connection that costs the load generator as little as Node allows: all of them read into one buffer, nothing is copied.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Valid during the call only. */
export type OnBytes = (bytes: Uint8Array) => void;

const BUFFER = Buffer.allocUnsafeSlow(65_536);
/** Connections being opened at once; more would only wait in the listener's backlog. */
const OPENING = 200;

export class RawConnection {
  readonly socket: Socket;
  onBytes: OnBytes = () => undefined;
  /** Told when the other side ends it or it breaks. */
  onLost: (error: Error) => void = () => undefined;
  #closing = false;

  private constructor(port: number) {
    const callback = (length: number): boolean => {
      this.onBytes(BUFFER.subarray(0, length));
      return true;
    };
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer: BUFFER, callback } });
    this.socket.on('error', (error) => this.#lost(error));
    this.socket.on('close', () => this.#lost(new Error('the server closed a connection')));
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port);
    await once(connection.socket, 'connect');
    return connection;
  }

  /** Opens `count` connections, preparing each as soon as it is open. */
  static async openMany<T>(
    count: number,
    port: number,
    prepare: (connection: RawConnection, index: number) => Promise<T> | T,
  ): Promise<T[]> {
    const prepared: T[] = [];
    for (let from = 0; from < count; from += OPENING) {
      const some = Array.from({ length: Math.min(OPENING, count - from) }, async (_, i) =>
        prepare(await RawConnection.open(port), from + i),
      );
      prepared.push(...(await Promise.all(some)));
    }
    return prepared;
  }

  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.#closing = true;
    this.socket.destroy();
  }

  #lost(error: Error): void {
    if (!this.#closing) this.onLost(error);
  }
}
