// What is known of one node: whether it can be trusted to give work, and its best block. It is asked again and again, whether it gives the
// work or only stands by. Invariant: `inOrderSinceMs` is set only while everything about it is as it should be.
import { parseBlockTemplate, TemplateError } from '@assay/mining';
import type { NodeStanding } from './choose-node.ts';
import { NodeError, type NodeClient } from './node-client.ts';
import { COINS, type Coin } from './node-settings.ts';

export interface NodeRequirements {
  readonly coin: Coin;
  readonly minPeers: number;
  readonly timeoutMs: number;
  readonly behindMs: number;
  /** For the template that it must be able to give. */
  readonly rules: readonly string[];
}

export class NodeWatch implements NodeStanding {
  readonly client: NodeClient;
  readonly #wanted: NodeRequirements;
  #inOrderSinceMs: number | undefined;
  #behindSinceMs: number | undefined;
  #asked = false;
  #trouble = 'not asked yet';
  #height = 0;
  #bestHash = '';
  #genesis: string | undefined;
  #templateFailed = false;

  constructor(client: NodeClient, wanted: NodeRequirements) {
    this.client = client;
    this.#wanted = wanted;
  }

  get inOrderSinceMs(): number | undefined {
    return this.#inOrderSinceMs;
  }

  /** Whether it is known by now if it is in order. */
  get asked(): boolean {
    return this.#asked;
  }

  /** '' while it is in order, else why not. */
  get trouble(): string {
    return this.#inOrderSinceMs === undefined ? this.#trouble : '';
  }

  /** Height of its best block, 0 while that is unknown. */
  get height(): number {
    return this.#height;
  }

  /** Its best block as nodes print it, '' while that is unknown. */
  get bestHash(): string {
    return this.#bestHash;
  }

  /** Hash of its block 0, '' while that is unknown: it names the network. */
  get genesis(): string {
    return this.#genesis ?? '';
  }

  /** Asks it. @param otherHeight the highest block of the other nodes that are in order */
  async check(otherHeight: number): Promise<void> {
    try {
      const trouble = await this.#ask(otherHeight);
      if (trouble === '') this.#inOrderSinceMs ??= performance.now();
      else this.fail(trouble);
    } catch (error) {
      this.failWith(error);
    }
    this.#asked = true;
  }

  fail(trouble: string): void {
    this.#inOrderSinceMs = undefined;
    this.#trouble = trouble;
  }

  /** It gave no template, or none that can be used: it is in order again only when it can give one. */
  failTemplate(trouble: string): void {
    this.#templateFailed = true;
    this.fail(trouble);
  }

  /** Throws what is no fault of the node. */
  failWith(error: unknown): void {
    if (error instanceof TemplateError) return this.fail(error.message);
    if (!(error instanceof NodeError)) throw error;
    if (error.code === 'unreachable' || error.code === 'unanswered') {
      this.#height = 0;
      this.#bestHash = '';
      // Another node may stand behind its address when it is back.
      this.#genesis = undefined;
    }
    this.fail(error.message);
  }

  async #ask(otherHeight: number): Promise<string> {
    const { client } = this;
    const { coin, minPeers, timeoutMs, behindMs, rules } = this.#wanted;
    const [chain, peers, genesis] = await Promise.all([
      client.call('getblockchaininfo', [], { timeoutMs }),
      client.call('getconnectioncount', [], { timeoutMs }),
      this.#genesis ?? client.call('getblockhash', [0], { timeoutMs }),
    ]);
    const { blocks, bestblockhash, initialblockdownload } = (chain ?? {}) as Record<string, unknown>;
    if (typeof blocks !== 'number' || typeof bestblockhash !== 'string' || typeof peers !== 'number')
      throw new NodeError('bad_answer', `${client.endpoint} says nothing of its chain that is understood`);
    this.#height = blocks;
    this.#bestHash = bestblockhash;
    this.#genesis = String(genesis);

    const other = otherCoin(coin, this.#genesis);
    if (other !== undefined) return `${client.endpoint} is a node of ${other}, not of ${coin}`;
    if (initialblockdownload === true) return `${client.endpoint} is still downloading the chain, at block ${blocks}`;
    if (peers < minPeers) return `${client.endpoint} has ${peers} peers, ${minPeers} are wanted`;
    if (blocks >= otherHeight) this.#behindSinceMs = undefined;
    else this.#behindSinceMs ??= performance.now();
    if (this.#behindSinceMs !== undefined && performance.now() - this.#behindSinceMs >= behindMs)
      return `${client.endpoint} is at block ${blocks}, another node at ${otherHeight}`;
    if (this.#templateFailed) {
      parseBlockTemplate(await client.call('getblocktemplate', [{ rules }], { timeoutMs }));
      this.#templateFailed = false;
    }
    return '';
  }
}

function otherCoin(coin: Coin, genesis: string): Coin | undefined {
  return (Object.keys(COINS) as Coin[]).find((name) => name !== coin && COINS[name].genesis.includes(genesis));
}
