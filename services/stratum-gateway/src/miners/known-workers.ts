// What is known of workers beforehand: from the control log, and for workers it does not have from the workers file.
// Invariant: a worker that has a secret is never let in without it, also when the hash cannot be read.
import { parseSecretHash, type ControlState, type SecretHash } from '@assay/tenancy';
import type { KnownWorker } from './worker-file.ts';

export class KnownWorkers {
  readonly #file: ReadonlyMap<string, KnownWorker>;
  readonly #state: ControlState;
  /** By body, which is another one after every change. */
  readonly #parsed = new WeakMap<object, KnownWorker>();
  /** Workers with the same hash share one object, so that a slow one is checked once. By text, as long as a worker has it. */
  readonly #hashes = new Map<string, WeakRef<SecretHash>>();

  constructor(file: ReadonlyMap<string, KnownWorker>, state: ControlState) {
    this.#file = file;
    this.#state = state;
  }

  get(worker: string): KnownWorker | undefined {
    const body = this.#state.get('worker', worker)?.body;
    if (body === undefined) return this.#file.get(worker);
    let known = this.#parsed.get(body);
    if (known === undefined) {
      const { expectedHashRateHs, secretHash, standing } = body;
      const secret = secretHash === undefined ? this.#file.get(worker)?.secret : this.#hash(secretHash);
      known = { expectedHashRateHs, secret, retired: standing === 'retired' };
      this.#parsed.set(body, known);
    }
    return known;
  }

  /** Shares a second that all workers of a tenant may submit together, where its own limit says so. */
  submitsPerSecond(tenant: string): number | undefined {
    return this.#state.get('tenant', tenant)?.body.maxSubmitsPerSecond;
  }

  #hash(text: string): SecretHash {
    const shared = this.#hashes.get(text)?.deref();
    if (shared !== undefined) return shared;
    // The fold takes no hash that cannot be read; should it ever, nobody knows the secret.
    const hash = parseSecretHash(text) ?? { kind: 'sha256', salt: new Uint8Array(16), digest: new Uint8Array(32) };
    if (this.#hashes.size >= MAX_HASHES) this.#forgetUnused();
    this.#hashes.set(text, new WeakRef(hash));
    return hash;
  }

  #forgetUnused(): void {
    for (const [text, hash] of this.#hashes) if (hash.deref() === undefined) this.#hashes.delete(text);
  }
}

/** From so many on, those that no worker has any more are looked for. */
const MAX_HASHES = 10_000;
