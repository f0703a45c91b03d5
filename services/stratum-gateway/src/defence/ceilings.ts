// The ceilings over all connections together: how many there may be, what they may hold in buffers, and the memory of the process. Looked at
// once a second. Behaviour at each: new connections are closed and counted, those there are go on; above the ceiling of buffers those
// connections that hold most are closed too, until three quarters are left. Invariant: a ceiling never closes a connection that holds nothing.
import type { Logger } from '@assay/platform';
import type { Connection } from '../miners/connection.ts';
import type { ConnectionList } from '../miners/connection-list.ts';
import { descriptorLimit, memoryThereIs, ownMemoryBytes } from './process-limits.ts';

export interface CeilingSettings {
  readonly maxConnections: number;
  readonly maxBufferedBytes: number;
  /** 0: three quarters of what there is. */
  readonly maxMemoryMb: number;
}

export type CeilingReason = 'memory_full' | 'buffers_full';

/** Files the process opens besides connections: the log, the spool, Kafka, HTTP. */
const OTHER_DESCRIPTORS = 512;
/** Taken in again below this part of a ceiling, so that it does not flap. */
const TAKE_AGAIN = 0.95;
const KEEP_BUFFERED = 0.75;
const MEBIBYTE = 1024 * 1024;

export class Ceilings {
  /** Connections that may be open, as the settings and the file descriptors have it. */
  readonly maxConnections: number;
  readonly maxMemoryBytes: number;
  readonly #maxBufferedBytes: number;
  readonly #memoryBytes: () => number | undefined;
  /** As of the last look. */
  bufferedBytes = 0;
  memoryBytes = 0;
  /** Why no connection is taken; undefined while they are. */
  refusal: CeilingReason | undefined = undefined;

  /** @param limits what the process may use; for tests */
  constructor(
    settings: CeilingSettings,
    logger: Logger,
    limits: { readonly descriptors: number | undefined; readonly memoryBytes: () => number | undefined } = {
      descriptors: descriptorLimit(),
      memoryBytes: () => ownMemoryBytes(),
    },
  ) {
    this.maxConnections = connectionsFor(settings.maxConnections, limits.descriptors, logger);
    this.#maxBufferedBytes = settings.maxBufferedBytes;
    this.maxMemoryBytes = settings.maxMemoryMb > 0 ? settings.maxMemoryMb * MEBIBYTE : 0.75 * memoryThereIs();
    this.#memoryBytes = limits.memoryBytes;
  }

  look(connections: ConnectionList): void {
    this.memoryBytes = this.#memoryBytes() ?? this.memoryBytes;
    this.bufferedBytes = 0;
    for (let at = 0; at < connections.length; at++) this.bufferedBytes += connections.at(at).heldBytes;
    if (this.bufferedBytes > this.#maxBufferedBytes) this.#shed(connections.all());
    if (this.bufferedBytes > this.#level('buffers_full', this.#maxBufferedBytes)) this.refusal = 'buffers_full';
    else if (this.memoryBytes > this.#level('memory_full', this.maxMemoryBytes)) this.refusal = 'memory_full';
    else this.refusal = undefined;
  }

  /** For readiness: why no connection is taken. */
  get state(): string {
    switch (this.refusal) {
      case undefined:
        return 'ok';
      case 'memory_full':
        return `takes no new connections: the process has ${mebibytes(this.memoryBytes)} MiB of memory, more than ${mebibytes(this.maxMemoryBytes)} (ASSAY_MAX_MEMORY_MB)`;
      case 'buffers_full':
        return `takes no new connections: ${mebibytes(this.bufferedBytes)} MiB wait in buffers of connections (ASSAY_MAX_BUFFERED_BYTES)`;
    }
  }

  #level(reason: CeilingReason, ceiling: number): number {
    return this.refusal === reason ? ceiling * TAKE_AGAIN : ceiling;
  }

  #shed(connections: Connection[]): void {
    const holding = connections.filter(({ heldBytes }) => heldBytes > 0).sort((a, b) => b.heldBytes - a.heldBytes);
    for (const connection of holding) {
      if (this.bufferedBytes <= this.#maxBufferedBytes * KEEP_BUFFERED) return;
      this.bufferedBytes -= connection.heldBytes;
      connection.destroy('buffers_full');
    }
  }
}

/** No more connections than there are file descriptors for; said when that is less than was asked for. */
function connectionsFor(asked: number, descriptors: number | undefined, logger: Logger): number {
  if (descriptors === undefined) return asked;
  const fitting = Math.max(1, Math.floor(descriptors / 2), descriptors - OTHER_DESCRIPTORS);
  if (fitting >= asked) return asked;
  logger.warn(
    { descriptors, asked, connections: fitting },
    `the process may open ${descriptors} files: at most ${fitting} connections are taken, not the ${asked} of ASSAY_MAX_CONNECTIONS; raise the limit of open files (ulimit -n, LimitNOFILE)`,
  );
  return fitting;
}

const mebibytes = (bytes: number): number => Math.round(bytes / MEBIBYTE);
