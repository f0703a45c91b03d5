// The open connections of a gateway. Taking one out puts the last one in its place, so the list has no holes and an iteration from
// its end to its start meets every connection that was there at the beginning, though some twice.
import type { Connection } from './connection.ts';

export class ConnectionList {
  readonly #all: Connection[] = [];

  get length(): number {
    return this.#all.length;
  }

  at(index: number): Connection {
    return this.#all[index]!;
  }

  add(connection: Connection): void {
    connection.index = this.#all.push(connection) - 1;
  }

  remove(connection: Connection): void {
    const last = this.#all.pop()!;
    if (last === connection) return;
    this.#all[connection.index] = last;
    last.index = connection.index;
  }

  /** A copy, for whoever closes connections while going over them. */
  all(): Connection[] {
    return [...this.#all];
  }
}
