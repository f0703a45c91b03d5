// The pool the others are measured by has to be right itself: a client of plain text, hashing by node:crypto.
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CountingPool, type CountingPoolOptions } from './counting-pool.ts';
import { proveShare } from './share-proof.ts';

interface Line {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: readonly unknown[];
  readonly result?: unknown;
  readonly error?: readonly unknown[] | null;
}

class TextClient {
  readonly lines: Line[] = [];
  readonly #socket: Socket;
  #partial = '';
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
    socket.on('data', (chunk: string) => {
      const lines = (this.#partial + chunk).split('\n');
      this.#partial = lines.pop()!;
      this.lines.push(...lines.map((line) => JSON.parse(line) as Line));
    });
  }

  static async to(port: number): Promise<TextClient> {
    const socket = connect({ host: '127.0.0.1', port });
    const client = new TextClient(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    return client;
  }

  #lastId = 0;
  async ask(method: string, params: readonly unknown[]): Promise<Line> {
    const id = ++this.#lastId;
    this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    await until(() => this.lines.some((line) => line.id === id));
    return this.lines.find((line) => line.id === id)!;
  }

  get job(): readonly unknown[] | undefined {
    return this.lines.findLast(({ method }) => method === 'mining.notify')?.params;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A share of a notify's params, found by counting nonces. */
function mine(
  params: readonly unknown[],
  extranonce1: string,
  difficulty: number,
  extranonce2 = '00'.repeat(8),
): string[] {
  const [id, prevHash, coinbase1, coinbase2, branches, version, nbits, ntime] = params as [
    string,
    string,
    string,
    string,
    string[],
    string,
    string,
    string,
  ];
  const template = {
    algorithm: 'sha256d',
    prevHash: Uint8Array.from(Buffer.from(prevHash, 'hex').swap32()),
    coinbase1: Uint8Array.from(Buffer.from(coinbase1, 'hex')),
    coinbase2: Uint8Array.from(Buffer.from(coinbase2, 'hex')),
    merkleBranches: Uint8Array.from(Buffer.from(branches.join(''), 'hex')),
    version: parseInt(version, 16),
    nbits: parseInt(nbits, 16),
    ntime: parseInt(ntime, 16),
  } as const;
  for (let nonce = 0; ; nonce++) {
    const share = { extranonce1, extranonce2, ntime: template.ntime, nonce, version: template.version };
    if (proveShare(template, share).difficulty >= difficulty)
      return ['acct', id, extranonce2, ntime, nonce.toString(16).padStart(8, '0')];
  }
}

const DIFFICULTY = 1e-6;
let pool: CountingPool;
const clients: TextClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await pool.stop();
});

async function started(
  options: CountingPoolOptions = {},
): Promise<{ client: TextClient; extranonce1: string; session: string }> {
  pool = new CountingPool({ difficulty: DIFFICULTY, ...options });
  await pool.start();
  return joined();
}

async function joined(session?: string): Promise<{ client: TextClient; extranonce1: string; session: string }> {
  const client = await TextClient.to(pool.port);
  clients.push(client);
  const { result } = await client.ask('mining.subscribe', session === undefined ? ['t'] : ['t', session]);
  const [[[, id]], extranonce1] = result as [[[string, string]], string];
  expect(await client.ask('mining.authorize', ['acct', 'x'])).toMatchObject({ result: true });
  await until(() => client.job !== undefined);
  return { client, extranonce1, session: id };
}

describe('the counting pool', () => {
  it('credits a share once, by its hash', async () => {
    const { client, extranonce1 } = await started();
    const share = mine(client.job!, extranonce1, DIFFICULTY);
    expect(await client.ask('mining.submit', share)).toMatchObject({ result: true, error: null });
    expect(await client.ask('mining.submit', share)).toMatchObject({
      result: false,
      error: [22, 'Duplicate share', null],
    });
    expect([pool.credited.size, pool.submits, pool.refused.get('duplicate')]).toEqual([1, 2, 1]);
    expect([...pool.credited.values()][0]).toMatchObject({ account: 'acct', difficulty: DIFFICULTY });
  });

  it('holds a share to the difficulty its job was sent with', async () => {
    const { client, extranonce1 } = await started();
    const easy = client.job!;
    pool.setDifficulty(1000);
    expect(await client.ask('mining.submit', mine(easy, extranonce1, DIFFICULTY))).toMatchObject({ result: true });
    pool.newJob(false);
    await until(() => client.job !== easy);
    expect(await client.ask('mining.submit', mine(client.job!, extranonce1, DIFFICULTY))).toMatchObject({
      error: [23, 'Low difficulty share', null],
    });
  });

  it('knows no job of before a new block, a new extranonce, or another session', async () => {
    const { client, extranonce1 } = await started();
    const first = mine(client.job!, extranonce1, DIFFICULTY);
    pool.newJob(true);
    expect(await client.ask('mining.submit', first)).toMatchObject({ error: [21, 'Job not found', null] });
    const second = mine(client.job!, extranonce1, DIFFICULTY);
    pool.changeExtranonce();
    expect(await client.ask('mining.submit', second)).toMatchObject({ error: [21, 'Job not found', null] });
    const announced = client.lines.findLast(({ method }) => method === 'mining.set_extranonce')!.params![0] as string;
    expect(await client.ask('mining.submit', mine(client.job!, announced, DIFFICULTY))).toMatchObject({ result: true });
    const { client: other, extranonce1: others } = await joined();
    expect(others).not.toBe(announced);
    expect(await other.ask('mining.submit', mine(other.job!, announced, DIFFICULTY, '01'.repeat(8)))).toMatchObject({
      error: [23, expect.anything(), null],
    });
  });

  it('resumes a session where it is to, and its jobs are still good', async () => {
    const { client, extranonce1, session } = await started({ resumes: true });
    const share = mine(client.job!, extranonce1, DIFFICULTY);
    pool.dropAll();
    await until(() => client.closed);
    const again = await joined(session);
    expect([again.session, again.extranonce1]).toEqual([session, extranonce1]);
    expect(await again.client.ask('mining.submit', share)).toMatchObject({ result: true });
  });

  it('counts what it does not answer, refuses accounts it does not know, and listens again where it did', async () => {
    const { client, extranonce1 } = await started({ accounts: ['acct'] });
    expect(await client.ask('mining.authorize', ['other', 'x'])).toMatchObject({ result: false });
    pool.mute = true;
    const share = mine(client.job!, extranonce1, DIFFICULTY);
    void client.ask('mining.submit', share).catch(() => undefined);
    await until(() => pool.credited.size === 1);
    const { length } = client.lines;
    // Answers come in order: one to a later question would be after it.
    await client.ask('mining.extranonce.subscribe', []);
    expect(client.lines).toHaveLength(length + 1);
    const { port } = pool;
    await pool.stop();
    expect(await pool.start()).toBe(port);
  });
});
