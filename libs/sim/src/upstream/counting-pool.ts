// An upstream pool that counts everything: it speaks stratum on a real socket, proves every share by itself, and keeps each one it
// credited by its block hash, so that a ledger can be reconciled with it to the share. It can be told to misbehave as pools do: drop
// connections, refuse them, change difficulty or extranonce, send clients elsewhere, fall silent, say what makes no sense.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  createLocalJobMaker,
  rolledVersion,
  type Algorithm,
  type JobTemplate,
  type LocalJobMaker,
} from '@assay/mining';
import { hexFromBytes, hexFromUint32 } from '@assay/kernel';
import { PoolSession } from './pool-session.ts';
import { proveShare } from './share-proof.ts';

export interface CountingPoolOptions {
  readonly algorithm?: Algorithm;
  /** Two pools with different seeds give different work. */
  readonly seed?: number;
  readonly difficulty?: number;
  readonly extranonce1Bytes?: number;
  readonly extranonce2Bytes?: number;
  /** Bits clients may roll; 0 when the pool does not know the extension. */
  readonly versionMask?: number;
  /** Network target in compact form. */
  readonly nbits?: number;
  /** Whether a client that comes back with its session id gets its extranonce1 back, and its jobs stay good. */
  readonly resumes?: boolean;
  /** Methods on which it closes the connection, as pools do that do not know them. */
  readonly hangsUpOn?: readonly string[];
  /** Accounts it takes; every one when left out. */
  readonly accounts?: readonly string[];
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface CreditedShare {
  readonly hash: string;
  readonly account: string;
  readonly difficulty: number;
  readonly jobId: string;
}

export type PoolRefusal =
  /** The job became worthless while the share was on its way. */
  | 'stale'
  /** Credited on a connection that was lost since, with its answer: sent again in good faith. */
  | 'sent again'
  | 'duplicate'
  | 'low difficulty'
  | 'job not found'
  | 'unauthorized'
  | 'ntime'
  | 'version bits'
  | 'malformed';

interface Client {
  readonly socket: Socket;
  session: PoolSession;
  /** Whether it was given work on this connection. */
  working: boolean;
  partial: string;
}

const REFUSALS: Readonly<Record<PoolRefusal, readonly [number, string]>> = {
  stale: [21, 'Job not found'],
  'job not found': [21, 'Job not found'],
  duplicate: [22, 'Duplicate share'],
  'sent again': [22, 'Duplicate share'],
  'low difficulty': [23, 'Low difficulty share'],
  unauthorized: [24, 'Unauthorized worker'],
  ntime: [20, 'Ntime out of range'],
  'version bits': [20, 'Invalid version mask'],
  malformed: [20, 'Malformed submit'],
};
const MAX_NTIME_AHEAD_SECONDS = 7000;

export class CountingPool {
  readonly credited = new Map<string, CreditedShare>();
  readonly refused = new Map<PoolRefusal, number>();
  /** Submits seen, answered or not. */
  submits = 0;
  connects = 0;
  /** While true, submits are taken and counted but not answered. */
  mute = false;
  /** What every submit is refused for, without a look at it; undefined for the usual judgement. */
  refuses: PoolRefusal | undefined;
  /** Answers come this much later, milliseconds. */
  answerDelayMs = 0;
  readonly #options: Required<Omit<CountingPoolOptions, 'tls' | 'accounts' | 'hangsUpOn'>> &
    Pick<CountingPoolOptions, 'tls' | 'accounts' | 'hangsUpOn'>;
  readonly #maker: LocalJobMaker;
  readonly #clients = new Set<Client>();
  /** On which connection each share was credited. */
  readonly #creditedTo = new Map<string, Client>();
  readonly #sessions = new Map<string, PoolSession>();
  #server: Server | undefined;
  #port: number;
  #difficulty: number;
  #lastSession = 0;
  #lastJob = 0;
  #current: { readonly id: string; readonly template: JobTemplate };

  constructor(options: CountingPoolOptions = {}) {
    this.#options = {
      algorithm: 'sha256d',
      seed: 1,
      difficulty: 1,
      extranonce1Bytes: 4,
      extranonce2Bytes: 8,
      versionMask: 0x1fffe000,
      nbits: 0x17021a91,
      resumes: false,
      port: 0,
      ...options,
    };
    const { algorithm, seed, nbits, extranonce1Bytes, extranonce2Bytes } = this.#options;
    const extranonceSize = extranonce1Bytes + extranonce2Bytes;
    this.#maker = createLocalJobMaker({ algorithm, seed, branches: 3, nbits, extranonceSize, tag: `/pool ${seed}/` });
    this.#difficulty = this.#options.difficulty;
    this.#port = this.#options.port;
    this.#lastSession = seed * 65_536;
    this.#current = this.#nextJob(true);
  }

  get port(): number {
    return this.#port;
  }

  get connected(): number {
    return this.#clients.size;
  }

  /** Shares refused for what the client did wrong. */
  get faults(): number {
    let sum = 0;
    for (const [refusal, count] of this.refused) if (refusal !== 'stale' && refusal !== 'sent again') sum += count;
    return sum;
  }

  get currentJobId(): string {
    return this.#current.id;
  }

  /** Listens, on the same port as before once it has had one. */
  async start(): Promise<number> {
    const { tls } = this.#options;
    const onSocket = (socket: Socket): void => this.#accept(socket);
    const server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket);
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: '127.0.0.1', port: this.#port }, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this.#port;
  }

  /** Listens no more and drops everybody: connects are refused until `start`. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.dropAll();
    await closed;
  }

  /** Cuts every connection. */
  dropAll(): void {
    for (const { socket } of this.#clients) socket.destroy();
  }

  /** A new job for everybody; with `clean`, as after a new block, which makes all earlier work worthless. */
  newJob(clean: boolean): void {
    this.#current = this.#nextJob(clean);
    if (clean) for (const session of this.#sessions.values()) session.forgetJobs();
    for (const client of this.#clients) this.#notify(client, clean);
  }

  /** Holds from the next job on, as pools have it. */
  setDifficulty(difficulty: number): void {
    this.#difficulty = difficulty;
    for (const client of this.#clients) this.#tellDifficulty(client);
  }

  /** Another extranonce1 for everybody, with the clean job from which on it holds. */
  changeExtranonce(): void {
    for (const client of this.#clients) {
      const { session } = client;
      session.extranonce1 = this.#freshExtranonce1();
      session.forgetJobs();
      this.#call(client, 'mining.set_extranonce', [session.extranonce1, this.#options.extranonce2Bytes]);
    }
    this.newJob(true);
  }

  reconnect(host: string, port: number | string, waitSeconds = 0): void {
    for (const client of this.#clients) this.#call(client, 'client.reconnect', [host, port, waitSeconds]);
  }

  /** Says a line to everybody, whatever it is. */
  say(line: string | Uint8Array): void {
    for (const { socket } of this.#clients) socket.write(line);
  }

  #accept(socket: Socket): void {
    this.connects++;
    const client: Client = { socket, session: this.#freshSession(), working: false, partial: '' };
    this.#clients.add(client);
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#clients.delete(client);
      if (!this.#options.resumes) this.#sessions.delete(client.session.id);
    });
    socket.on('data', (chunk: string) => {
      const lines = (client.partial + chunk).split('\n');
      client.partial = lines.pop()!;
      for (const line of lines) if (line.trim() !== '') this.#handle(client, line);
    });
  }

  #handle(client: Client, line: string): void {
    const { id, method, params } = JSON.parse(line) as { id: unknown; method?: string; params?: readonly unknown[] };
    if (method !== undefined && this.#options.hangsUpOn?.includes(method) === true) {
      client.socket.destroy();
      return;
    }
    switch (method) {
      case 'mining.configure':
        return this.#configure(client, id, params ?? []);
      case 'mining.subscribe':
        return this.#subscribe(client, id, params ?? []);
      case 'mining.authorize':
        return this.#authorize(client, id, String(params?.[0]));
      case 'mining.extranonce.subscribe':
        return this.#answer(client, id, true);
      case 'mining.submit':
        return this.#submit(client, id, (params ?? []).map(String));
      case undefined:
        return;
      default:
        return this.#answer(client, id, null, [20, 'Unknown method']);
    }
  }

  #configure(client: Client, id: unknown, [, options]: readonly unknown[]): void {
    const wished = parseInt(String((options as Record<string, unknown>)?.['version-rolling.mask'] ?? '0'), 16);
    const mask = (wished & this.#options.versionMask) >>> 0;
    client.session.versionMask = mask;
    const result =
      mask === 0
        ? { 'version-rolling': false }
        : { 'version-rolling': true, 'version-rolling.mask': hexFromUint32(mask) };
    this.#answer(client, id, result);
  }

  #subscribe(client: Client, id: unknown, [, sessionId]: readonly unknown[]): void {
    const known = this.#options.resumes ? this.#sessions.get(String(sessionId)) : undefined;
    if (known !== undefined && known !== client.session) {
      known.versionMask = client.session.versionMask;
      this.#sessions.delete(client.session.id);
      client.session = known;
    }
    const { session } = client;
    session.subscribed = true;
    const subscriptions = ['mining.set_difficulty', 'mining.notify'].map((name) => [name, session.id]);
    this.#answer(client, id, [subscriptions, session.extranonce1, this.#options.extranonce2Bytes]);
  }

  #authorize(client: Client, id: unknown, account: string): void {
    const { accounts } = this.#options;
    if (accounts !== undefined && !accounts.includes(account))
      return this.#answer(client, id, false, REFUSALS.unauthorized);
    client.session.accounts.add(account);
    this.#answer(client, id, true);
    if (client.working) return;
    client.working = true;
    this.#tellDifficulty(client);
    // A session that is resumed has good work still.
    this.#notify(client, client.session.job(this.#current.id) === undefined);
  }

  #submit(client: Client, id: unknown, [account, jobId, extranonce2, ntime, nonce, bits]: readonly string[]): void {
    this.submits++;
    const verdict = this.refuses ?? this.#judge(client, account!, jobId!, extranonce2!, ntime!, nonce!, bits);
    if (verdict !== undefined) this.refused.set(verdict, (this.refused.get(verdict) ?? 0) + 1);
    if (this.mute) return;
    if (verdict === undefined) this.#answer(client, id, true);
    else this.#answer(client, id, false, REFUSALS[verdict]);
  }

  /** Credits the share, or says why not. */
  #judge(
    client: Client,
    account: string,
    jobId: string,
    extranonce2: string,
    ntimeHex: string,
    nonceHex: string,
    bitsHex: string | undefined,
  ): PoolRefusal | undefined {
    const { session } = client;
    if (!session.accounts.has(account)) return 'unauthorized';
    const sent = session.job(jobId);
    if (sent === undefined) return session.wasGood(jobId) ? 'stale' : 'job not found';
    const words = [ntimeHex, nonceHex, ...(bitsHex === undefined ? [] : [bitsHex])];
    const { extranonce2Bytes } = this.#options;
    if (extranonce2.length !== 2 * extranonce2Bytes || !words.every((word) => /^[0-9a-f]{8}$/i.test(word)))
      return 'malformed';
    const [ntime, nonce, bits = 0] = words.map((word) => parseInt(word, 16)) as [number, number, number?];
    const { template, extranonce1, difficulty, versionMask } = sent;
    if (ntime < template.ntime || ntime > template.ntime + MAX_NTIME_AHEAD_SECONDS) return 'ntime';
    if ((bits & ~versionMask) !== 0) return 'version bits';
    const version = bitsHex === undefined ? template.version : rolledVersion(template.version, versionMask, bits);
    const proof = proveShare(template, { extranonce1, extranonce2, ntime, nonce, version });
    const creditedTo = this.#creditedTo.get(proof.hash);
    if (creditedTo !== undefined) return creditedTo === client ? 'duplicate' : 'sent again';
    if (proof.difficulty < difficulty) return 'low difficulty';
    this.#creditedTo.set(proof.hash, client);
    this.credited.set(proof.hash, { hash: proof.hash, account, difficulty, jobId });
    return undefined;
  }

  #tellDifficulty(client: Client): void {
    if (!client.session.subscribed) return;
    client.session.difficulty = this.#difficulty;
    // As it is judged, to the last digit: pools do not round to steps of ours.
    this.#call(client, 'mining.set_difficulty', [this.#difficulty]);
  }

  #notify(client: Client, clean: boolean): void {
    const { session } = client;
    if (!session.subscribed || session.accounts.size === 0) return;
    const { id, template } = this.#current;
    session.sent(id, template);
    const branches: string[] = [];
    for (let i = 0; i < template.merkleBranches.length; i += 32)
      branches.push(hexFromBytes(template.merkleBranches.subarray(i, i + 32)));
    this.#call(client, 'mining.notify', [
      id,
      Buffer.from(template.prevHash).swap32().toString('hex'),
      hexFromBytes(template.coinbase1),
      hexFromBytes(template.coinbase2),
      branches,
      hexFromUint32(template.version),
      hexFromUint32(template.nbits),
      hexFromUint32(template.ntime),
      clean,
    ]);
  }

  #call({ socket }: Client, method: string, params: readonly unknown[]): void {
    socket.write(`${JSON.stringify({ id: null, method, params })}\n`);
  }

  #answer({ socket, working }: Client, id: unknown, result: unknown, error?: readonly [number, string]): void {
    const line = `${JSON.stringify({ id, result, error: error === undefined ? null : [...error, null] })}\n`;
    // In the handshake the order counts: an extranonce that is told early must not be overtaken by an answer that names the one before.
    if (this.answerDelayMs === 0 || !working) socket.write(line);
    else setTimeout(() => socket.writable && socket.write(line), this.answerDelayMs);
  }

  #freshSession(): PoolSession {
    const id = (++this.#lastSession).toString(16).padStart(8, '0');
    const session = new PoolSession(id, this.#freshExtranonce1());
    this.#sessions.set(id, session);
    return session;
  }

  #freshExtranonce1(): string {
    const { extranonce1Bytes } = this.#options;
    return (++this.#lastSession)
      .toString(16)
      .padStart(2 * extranonce1Bytes, '0')
      .slice(-2 * extranonce1Bytes);
  }

  #nextJob(newBlock: boolean): { readonly id: string; readonly template: JobTemplate } {
    const template = this.#maker.next({ nowSeconds: Math.floor(Date.now() / 1000), newBlock });
    return { id: (++this.#lastJob).toString(16), template };
  }
}
