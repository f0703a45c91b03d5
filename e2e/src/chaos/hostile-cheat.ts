// A hostile miner that is thrown out and comes back, from its next address.
import type { Answer } from '@assay/sim';
import type { HostileAddresses } from './hostile-addresses.ts';
import { HostileMiner } from './hostile-miner.ts';

export class Cheat {
  readonly #username: string;
  readonly #port: number;
  readonly #addresses: HostileAddresses;
  readonly #accepted: Answer[] = [];
  #miner: HostileMiner | undefined;
  #ended = false;

  constructor(username: string, port: number, addresses: HostileAddresses) {
    this.#username = username;
    this.#port = port;
    this.#addresses = addresses;
  }

  /** Undefined while it is on its way back. */
  get miner(): HostileMiner | undefined {
    const miner = this.#miner;
    if (miner?.closed !== true) return miner;
    this.#miner = undefined;
    this.#accepted.push(...miner.accepted);
    void this.come();
    return undefined;
  }

  /** Shares of it that the pool acknowledged. */
  get accepted(): readonly Answer[] {
    return [...this.#accepted, ...(this.#miner?.accepted ?? [])];
  }

  /** Resolves with its first job; tries again from elsewhere when it is refused. */
  async come(): Promise<void> {
    while (!this.#ended && this.#miner === undefined) {
      const miner = await HostileMiner.ready(this.#username, this.#port, this.#addresses.next()).catch(() => undefined);
      if (this.#ended) miner?.close();
      this.#miner = miner;
    }
  }

  close(): void {
    this.#ended = true;
    this.#miner?.close();
  }
}
