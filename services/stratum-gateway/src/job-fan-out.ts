// Gives a new job to every connection: in chunks, so that answers to shares get their turn in between. A newer job takes over, and
// whoever the older one did not reach gets the newer one only.
import type { Clock } from '@assay/kernel';
import type { PublishedJob } from '@assay/stratum';
import type { ConnectionList } from './connection-list.ts';

const CHUNK = 1000;

export class JobFanOut {
  readonly #connections: ConnectionList;
  readonly #clock: Clock;
  #current: PublishedJob | undefined;

  constructor(connections: ConnectionList, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  announce(published: PublishedJob): void {
    this.#current = published;
    this.#chunk(published, this.#connections.length - 1);
  }

  /** From the end of the list to its start: a session that is met twice has the job already and is sent nothing. */
  #chunk(published: PublishedJob, from: number): void {
    const nowUs = this.#clock.nowUs();
    let at = Math.min(from, this.#connections.length - 1);
    for (const end = Math.max(0, at - CHUNK + 1); at >= end; at--) {
      const connection = this.#connections.at(at);
      const bytes = connection.session.announce(published, nowUs);
      if (bytes === undefined) continue;
      connection.lastJobUs = nowUs;
      connection.notify(bytes);
    }
    if (at < 0) return;
    setImmediate(() => {
      if (this.#current === published) this.#chunk(published, at);
    });
  }
}
