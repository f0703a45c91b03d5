// Looks after all connections once a second, instead of a timer each: who took too long over the handshake or over a
// line, who fell silent, whose
// difficulty is too high, who has had no job for so long that the miner would give up, and whose latency is to be measured.
import type { Clock } from '@assay/kernel';
import type { LatencyProbe } from '../latency/latency-probe.ts';
import type { Connection } from './connection.ts';
import type { ConnectionList } from './connection-list.ts';

export interface SweepSettings {
  readonly handshakeSeconds: number;
  readonly idleSeconds: number;
  readonly lineSeconds: number;
}

const SWEEP_MS = 1000;
/** A job is sent again when the source has been silent for this long; miners give up at 55 to 60 s. */
const RESEND_US = 45_000_000;
/** A connection that was told to close and does not is torn down after this long. */
export const CLOSE_PATIENCE_US = 5_000_000;

export class ConnectionSweep {
  readonly #connections: ConnectionList;
  readonly #handshakeUs: number;
  readonly #idleUs: number;
  readonly #lineUs: number;
  readonly #clock: Clock;
  readonly #latency: LatencyProbe | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    connections: ConnectionList,
    { handshakeSeconds, idleSeconds, lineSeconds }: SweepSettings,
    clock: Clock,
    latency: LatencyProbe | undefined,
  ) {
    this.#connections = connections;
    this.#handshakeUs = handshakeSeconds * 1e6;
    this.#idleUs = idleSeconds * 1e6;
    this.#lineUs = lineSeconds * 1e6;
    this.#clock = clock;
    this.#latency = latency;
  }

  /** @param after runs after each sweep. */
  start(after: (nowUs: number) => void): void {
    this.#timer = setInterval(() => {
      const nowUs = this.#clock.nowUs();
      for (let at = this.#connections.length - 1; at >= 0; at--) this.#look(this.#connections.at(at), nowUs);
      after(nowUs);
    }, SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(connection: Connection, nowUs: number): void {
    const { session } = connection;
    if (connection.closeReason !== undefined) {
      if (nowUs - connection.closedAtUs > CLOSE_PATIENCE_US) connection.destroy(connection.closeReason);
    } else if (!session.ready && nowUs - connection.openedAtUs > this.#handshakeUs) {
      connection.close('handshake_timeout', nowUs);
    } else if (connection.paused) {
      // It is we who do not read.
    } else if (connection.lineBeganUs > 0 && nowUs - connection.lineBeganUs > this.#lineUs) {
      connection.close('slow_line', nowUs);
    } else if (nowUs - connection.lastReadUs > this.#idleUs) {
      connection.close('idle', nowUs);
    } else if (session.started) {
      this.#latency?.look(connection, nowUs);
      const easier = session.onTick(nowUs);
      const bytes = easier ?? (nowUs - connection.lastJobUs > RESEND_US ? session.resend(nowUs) : undefined);
      if (bytes === undefined) return;
      connection.lastJobUs = nowUs;
      connection.notify(bytes);
    }
  }
}
