// Gives a new job to every connection that works for its source: in chunks, so that answers to shares get their turn in between. A newer
// job of the source takes over, and whoever the older one did not reach gets the newer one only.
import type { Clock } from '@assay/kernel';
import type { JobBook, PublishedJob } from '@assay/stratum';
import type { Connection } from './connection.ts';
import type { ConnectionList } from './connection-list.ts';

const CHUNK = 1000;

export class JobFanOut {
  readonly #connections: ConnectionList;
  readonly #clock: Clock;
  /** The newest job of each book. */
  readonly #current = new Map<JobBook, PublishedJob>();

  constructor(connections: ConnectionList, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  announce(jobs: JobBook, published: PublishedJob): void {
    this.#current.set(jobs, published);
    const newest = (): boolean => this.#current.get(jobs) === published;
    this.each(newest, (connection, nowUs) =>
      connection.session.jobs === jobs ? connection.session.announce(published, nowUs) : undefined,
    );
  }

  /**
   * Asks for every connection what it is to be sent, from the end of the list to its start: one that is met twice must have nothing to be
   * sent the second time. @param goesOn whether there is still reason to
   */
  each(goesOn: () => boolean, bytesFor: (connection: Connection, nowUs: number) => Uint8Array | undefined): void {
    this.#chunk(goesOn, bytesFor, this.#connections.length - 1);
  }

  #chunk(
    goesOn: () => boolean,
    bytesFor: (connection: Connection, nowUs: number) => Uint8Array | undefined,
    from: number,
  ): void {
    const nowUs = this.#clock.nowUs();
    let at = Math.min(from, this.#connections.length - 1);
    for (const end = Math.max(0, at - CHUNK + 1); at >= end; at--) {
      const connection = this.#connections.at(at);
      const bytes = bytesFor(connection, nowUs);
      if (bytes === undefined) continue;
      connection.lastJobUs = nowUs;
      connection.notify(bytes);
    }
    if (at < 0) return;
    setImmediate(() => {
      if (goesOn()) this.#chunk(goesOn, bytesFor, at);
    });
  }
}
