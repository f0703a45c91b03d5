// A stand-in for Bitcoin Core, as far as a miner sees one: JSON-RPC over HTTP, templates with a long poll, and blocks that are checked in
// full before its chain grows. It can be away, frozen, behind or still downloading, as real nodes are.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random, systemClock, type Clock } from '@assay/kernel';
import { NodeChain, type ChainBlock } from './node-chain.ts';
import { addressOfProgram, scriptOfAddress } from './segwit-address.ts';

export interface BitcoinNodeOptions {
  readonly seed: number;
  readonly clock?: Clock;
  /** Height of the block its chain begins with. */
  readonly height?: number;
  /** Transactions that wait for the first block. */
  readonly transactions?: number;
}

export interface ReceivedBlock {
  readonly hex: string;
  /** What submitblock answered: null for taken. */
  readonly answer: string | null;
}

const USER = 'assay';
const PASSWORD = 'stand-in';
/** Of regtest. */
const GENESIS = '0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206';
const PREFIX = 'bcrt';
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Numbers of Bitcoin Core's protocol.h. */
const RPC = { notConnected: -9, initialDownload: -10, badParameter: -8, decodeFailed: -22, unknownMethod: -32_601 };

class RpcError extends Error {
  readonly rpcCode: number;
  constructor(rpcCode: number, message: string) {
    super(message);
    this.rpcCode = rpcCode;
  }
}

export class BitcoinNode {
  readonly chain: NodeChain;
  /** Blocks that came by submitblock, in order. */
  readonly received: ReceivedBlock[] = [];
  /** Calls by method. */
  readonly calls = new Map<string, number>();
  /** Still downloading the chain: gives no templates. */
  downloading = false;
  /** Without peers it gives no templates. */
  peers = 8;
  /** Refuses templates for a reason of its own. */
  refusesTemplates = false;
  /** Offers no long poll, as some servers of this protocol do not. */
  longPolls = true;
  /** Nodes that get its blocks, unless they are `behind`. */
  readonly neighbours: BitcoinNode[] = [];
  /** Hears of no blocks of others. */
  behind = false;
  readonly #held = new Set<{ readonly id: string; readonly answer: () => void }>();
  readonly #frozen: (() => void)[] = [];
  #isFrozen = false;
  #server: Server | undefined;
  #port = 0;

  constructor({ seed, clock = systemClock, height = 840_000, transactions = 0 }: BitcoinNodeOptions) {
    const random = new Random(seed);
    // Every node that begins at this height begins with the same block.
    this.chain = new NodeChain(clock, random, height, height.toString(16).padStart(64, '0'));
    this.chain.addTransactions(transactions);
  }

  /** With user and password. */
  get url(): string {
    return `http://${USER}:${PASSWORD}@${this.endpoint}`;
  }

  get endpoint(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** An address of its network. */
  address(program: Uint8Array): string {
    return addressOfProgram(0, program, PREFIX);
  }

  /** Listens, on its own port again after a kill. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Gone at once, with every connection; its chain stays, and it hears of no blocks. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#held.clear();
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  /** Takes questions and answers none. */
  freeze(): void {
    this.#isFrozen = true;
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const answer of this.#frozen.splice(0)) answer();
  }

  /** Somebody else finds a block, and the neighbours hear of it. */
  foreignBlock(): void {
    this.#spread(this.chain.foreignBlock());
  }

  addTransactions(count: number): void {
    this.chain.addTransactions(count);
    for (const node of this.neighbours) {
      node.chain.takeTransactions(this.chain.waiting);
      node.#wake();
    }
    this.#wake();
  }

  #spread(block: ChainBlock): void {
    this.#wake();
    for (const node of this.neighbours) {
      if (node.behind || node.#server === undefined) continue;
      node.chain.relay(block);
      node.#wake();
    }
  }

  /** Answers the long polls for which there is something new. */
  #wake(): void {
    for (const held of this.#held) {
      if (held.id === this.chain.longPollId) continue;
      this.#held.delete(held);
      held.answer();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) return void response.writeHead(400).end();
    const answer = (): void => this.#answer(request, response, body);
    if (this.#isFrozen) this.#frozen.push(answer);
    else answer();
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const login = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
    if (request.headers.authorization !== login) return void response.writeHead(401).end();
    const { id, method, params } = JSON.parse(body) as { id: unknown; method: string; params: unknown[] };
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
    const send = (status: number, result: unknown, error: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ result, error, id }));
    };
    const reply = (): void => {
      try {
        send(200, this.#call(method, params), null);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        const { rpcCode: code, message } = error;
        send(code === RPC.unknownMethod ? 404 : 500, null, { code, message });
      }
    };
    const { longpollid } = (method === 'getblocktemplate' ? params[0] : undefined) as { longpollid?: string } ?? {}; // prettier-ignore
    if (longpollid !== this.chain.longPollId) return reply();
    const held = { id: longpollid, answer: reply };
    this.#held.add(held);
    response.on('close', () => this.#held.delete(held));
  }

  #call(method: string, params: readonly unknown[]): unknown {
    const { tip } = this.chain;
    switch (method) {
      case 'getblockchaininfo':
        return {
          chain: 'regtest',
          blocks: tip.height,
          headers: tip.height,
          bestblockhash: tip.hash,
          initialblockdownload: this.downloading,
        };
      case 'getconnectioncount':
        return this.peers;
      case 'getbestblockhash':
        return tip.hash;
      case 'getblockhash':
        return params[0] === 0 ? GENESIS : this.chain.blocks.find(({ height }) => height === params[0])?.hash;
      case 'validateaddress':
        return this.#validate(String(params[0]));
      case 'getblocktemplate':
        return this.#template((params[0] ?? {}) as { rules?: string[] });
      case 'submitblock':
        return this.#submit(String(params[0]));
      default:
        throw new RpcError(RPC.unknownMethod, 'Method not found');
    }
  }

  #validate(address: string): object {
    const script = scriptOfAddress(address, PREFIX);
    if (script === undefined) return { isvalid: false, error_locations: [], error: 'Invalid or unsupported Segwit (Bech32) or Base58 encoding.' }; // prettier-ignore
    return { isvalid: true, address, scriptPubKey: script.toString('hex'), isscript: false, iswitness: true };
  }

  #template({ rules = [] }: { readonly rules?: readonly string[] }): object {
    if (!rules.includes('segwit'))
      throw new RpcError(RPC.badParameter, 'getblocktemplate must be called with the segwit rule set (call with {"rules": ["segwit"]})'); // prettier-ignore
    if (this.peers === 0) throw new RpcError(RPC.notConnected, 'Bitcoin Core is not connected!');
    if (this.downloading)
      throw new RpcError(RPC.initialDownload, 'Bitcoin Core is in initial sync and waiting for blocks...');
    if (this.refusesTemplates) throw new RpcError(RPC.badParameter, 'no templates here');
    const { longpollid, ...template } = this.chain.template() as { longpollid: string };
    return this.longPolls ? { ...template, longpollid } : template;
  }

  #submit(hex: string): string | null {
    let answer: string | null;
    try {
      answer = this.chain.submit(
        hex,
        this.neighbours.map(({ chain }) => chain),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RpcError(RPC.decodeFailed, 'Block decode failed');
    }
    this.received.push({ hex, answer });
    if (answer === null) this.#spread(this.chain.tip);
    return answer;
  }
}

/** Undefined when it is larger than any request. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    // It was cut off.
    return undefined;
  }
  return Buffer.concat(chunks).toString('utf8');
}
