// The links of an open log. A lane is a link per broker that its users share, one request after the other; a borrowed link is its borrower's alone. So
// what may wait on a broker holds up nobody else. Bound: two shared lanes and one per member, and as many borrowed links as reads wait at once.
import { LogError } from '@assay/event-log';
import { BrokerLink, type BrokerAddress, type LinkSettings } from './broker-link.ts';

export class BrokerLinks {
  readonly #settings: LinkSettings;
  /** By lane and address, each being opened or open. */
  readonly #lanes = new Map<string, Promise<BrokerLink>>();
  /** Given back, by address. */
  readonly #idle = new Map<string, BrokerLink[]>();
  readonly #open = new Set<BrokerLink>();
  #closed = false;

  constructor(settings: LinkSettings) {
    this.#settings = settings;
  }

  get count(): number {
    return [...this.#open].filter((link) => link.alive).length;
  }

  isConnected(address: BrokerAddress): boolean {
    for (const link of this.#open) if (link.alive && keyOf(link.address) === keyOf(address)) return true;
    return false;
  }

  async lane(address: BrokerAddress, lane: string): Promise<BrokerLink> {
    const key = `${lane} ${keyOf(address)}`;
    for (;;) {
      const existing = this.#lanes.get(key);
      if (existing === undefined) return this.#openLane(key, address);
      const link = await existing;
      if (link.alive && link.authenticated) return link;
      // Whoever looks first replaces it.
      if (this.#lanes.get(key) === existing) this.#lanes.delete(key);
      this.#discard(link);
    }
  }

  async closeLane(lane: string): Promise<void> {
    for (const [key, opening] of [...this.#lanes]) {
      if (!key.startsWith(`${lane} `)) continue;
      this.#lanes.delete(key);
      const link = await opening.catch(() => undefined);
      if (link !== undefined) this.#discard(link);
    }
  }

  async borrow(address: BrokerAddress): Promise<BrokerLink> {
    for (;;) {
      const link = this.#idle.get(keyOf(address))?.pop();
      if (link === undefined) return this.#openLink(address);
      if (link.alive && link.authenticated) return link;
      this.#discard(link);
    }
  }

  giveBack(link: BrokerLink): void {
    if (!link.alive) return this.#discard(link);
    const key = keyOf(link.address);
    const idle = this.#idle.get(key);
    if (idle === undefined) this.#idle.set(key, [link]);
    else idle.push(link);
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#open) link.destroy('the log is closed');
  }

  #openLane(key: string, address: BrokerAddress): Promise<BrokerLink> {
    const opening = this.#openLink(address);
    this.#lanes.set(key, opening);
    opening.catch(() => {
      if (this.#lanes.get(key) === opening) this.#lanes.delete(key);
    });
    return opening;
  }

  async #openLink(address: BrokerAddress): Promise<BrokerLink> {
    this.#checkOpen();
    const link = await BrokerLink.open(address, this.#settings);
    this.#open.add(link);
    if (this.#closed) this.#discard(link);
    this.#checkOpen();
    return link;
  }

  #discard(link: BrokerLink): void {
    this.#open.delete(link);
    link.destroy('the connection is no longer used');
  }

  #checkOpen(): void {
    if (this.#closed) throw new LogError('closed', 'the log is closed', { retriable: false });
  }
}

const keyOf = ({ host, port }: BrokerAddress): string => `${host}:${port}`;
