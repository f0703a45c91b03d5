// The workers that changed since a subscriber was last told, each once however often it changed: bounded by the number of workers.
import type { FleetSnapshot } from '../workers/fleet-view.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';

interface Change {
  /** First and last change since the subscriber was told, microseconds. */
  readonly firstUs: number;
  readonly lastUs: number;
}

export class ChangedWorkers {
  /** Oldest change first, so that nobody waits for ever behind busier workers. */
  readonly #changes = new Map<string, Change>();

  add(names: Iterable<string>, atUs: number): void {
    for (const name of names)
      this.#changes.set(name, { firstUs: this.#changes.get(name)?.firstUs ?? atUs, lastUs: atUs });
  }

  get size(): number {
    return this.#changes.size;
  }

  /**
   * Takes up to `most` changed workers that `wanted` lets through, as the picture shows them. A change younger than the picture
   * is not in it yet and stays for the next one.
   */
  take(snapshot: FleetSnapshot, most: number, wanted: (facts: WorkerFacts) => boolean): WorkerFacts[] {
    const taken: WorkerFacts[] = [];
    for (const [name, { firstUs, lastUs }] of this.#changes) {
      if (taken.length === most) break;
      if (firstUs > snapshot.atUs) continue;
      const facts = snapshot.byName.get(name);
      if (facts && wanted(facts)) taken.push(facts);
      this.#changes.delete(name);
      // What changed since waits behind all the others. The loop comes to it once more, and leaves it for the next picture.
      if (lastUs > snapshot.atUs) this.#changes.set(name, { firstUs: lastUs, lastUs });
    }
    return taken;
  }
}
