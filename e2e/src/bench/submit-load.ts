// The client of the submit benchmark: connections with one line outstanding each, the same for the gateway and for the echo.
// Every share is mined before anything is measured, so that the load costs little more than its sockets.
import { hexFromUint32 } from '@assay/kernel';
import { createProver } from '@assay/pow';
import { NonceSearch } from '@assay/sim';
import type { RawConnection } from './raw-connection.ts';
import type { ReadyMiner } from './ready-miner.ts';

/** Machines find only few shares per extranonce2. */
const SHARES_PER_WORK = 8;
const NONCES = 2 ** 31;
const LINE_FEED = 10;

/** `count` submits of real shares, all different, as lines. */
export function mineSubmits({ session, username }: ReadyMiner, count: number): Buffer[] {
  const search = new NonceSearch(createProver('sha256d'));
  const lines: Buffer[] = [];
  while (lines.length < count) {
    const work = session.work()!;
    const end = Math.min(count, lines.length + SHARES_PER_WORK);
    search.search(work.header, work.target, 0, NONCES, (nonce) => {
      const params = [username, work.jobId, work.extranonce2, hexFromUint32(work.ntime), hexFromUint32(nonce)];
      params.push(hexFromUint32(work.versionBits));
      lines.push(Buffer.from(JSON.stringify({ id: 100 + lines.length, method: 'mining.submit', params }) + '\n'));
      return lines.length < end;
    });
  }
  return lines;
}

export class SubmitLoad {
  readonly #connections: readonly RawConnection[];
  readonly #lines: readonly (readonly Buffer[])[];
  #next: number;

  /** @param lines for each connection its own. */
  constructor(connections: readonly RawConnection[], lines: readonly (readonly Buffer[])[]) {
    this.#connections = connections;
    this.#lines = lines;
    this.#next = 0;
  }

  /** Every connection sends its next `count` lines, each when the answer to the one before has come. Resolves with the number of answers. */
  async run(count: number): Promise<number> {
    const from = this.#next;
    this.#next += count;
    let answers = 0;
    await Promise.all(
      this.#connections.map(
        (connection, i) =>
          new Promise<void>((resolve, reject) => {
            const lines = this.#lines[i]!;
            let sent = from;
            connection.onLost = reject;
            connection.onBytes = (bytes) => {
              // An answer may come in two pieces; only its last ends with a line feed.
              if (bytes[bytes.length - 1] !== LINE_FEED) return;
              answers++;
              if (sent === from + count) resolve();
              else connection.write(lines[sent++]!);
            };
            connection.write(lines[sent++]!);
          }),
      ),
    );
    return answers;
  }

  /** One line at a time over all the connections, `perConnection` on each. Resolves with how long each answer took, milliseconds. */
  async roundTrips(perConnection: number): Promise<number[]> {
    const from = this.#next;
    this.#next += perConnection;
    const latencies: number[] = [];
    for (let line = from; line < from + perConnection; line++) {
      for (const [i, connection] of this.#connections.entries()) {
        const began = performance.now();
        await new Promise<void>((resolve, reject) => {
          connection.onLost = reject;
          connection.onBytes = (bytes) => {
            if (bytes[bytes.length - 1] === LINE_FEED) resolve();
          };
          connection.write(this.#lines[i]![line]!);
        });
        latencies.push(performance.now() - began);
      }
    }
    return latencies;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** Submits at a pace of its own, whether or not answers come: a slow answer does not lighten the load that follows it. */
export class PacedLoad {
  readonly #connections: readonly RawConnection[];
  readonly #lines: readonly (readonly Buffer[])[];
  #sent = 0;

  /** @param lines for each connection its own. */
  constructor(connections: readonly RawConnection[], lines: readonly (readonly Buffer[])[]) {
    this.#connections = connections;
    this.#lines = lines;
  }

  /** Submits `count` shares, the connections in turns. Resolves with how long each answer took, milliseconds. */
  run(count: number, perSecond: number): Promise<number[]> {
    const latencies: number[] = [];
    const began = performance.now();
    const until = this.#sent + count;
    const from = this.#sent;
    return new Promise((resolve, reject) => {
      const sendDue = (): void => {
        const due = Math.min(until, from + Math.floor(((performance.now() - began) / 1000) * perSecond) + 1);
        while (this.#sent < due)
          this.#send(this.#sent++, latencies, () => latencies.length === count && resolve(latencies), reject);
        if (this.#sent < until) setTimeout(sendDue, 1);
      };
      sendDue();
    });
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  #send(at: number, latencies: number[], answered: () => void, lost: (error: Error) => void): void {
    const which = at % this.#connections.length;
    const connection = this.#connections[which]!;
    const sentAt = performance.now();
    connection.onLost = lost;
    connection.onBytes = (bytes) => {
      if (bytes[bytes.length - 1] !== LINE_FEED) return;
      connection.onBytes = () => undefined;
      latencies.push(performance.now() - sentAt);
      answered();
    };
    connection.write(this.#lines[which]![Math.floor(at / this.#connections.length)]!);
  }
}
