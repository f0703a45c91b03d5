// A miner that is authorized like any other and then cheats: it sends one share again and again, or shares it never looked for.
// Some of those happen to be good; their answers are kept, as the reckoning afterwards must know every acknowledged share.
import { connect, type Socket } from 'node:net';
import { assert, hexFromUint32, type Random } from '@assay/kernel';
import { createProver } from '@assay/pow';
import { MinerSession, NonceSearch, type Answer, type Work } from '@assay/sim';

const NONCES = 2 ** 31;
/** Below those of the session's own submits: it takes no notice of the answers. */
const UNTRACKED_ID = 50;
const STRAY_JOB = '00000001';

export class HostileMiner {
  readonly accepted: Answer[] = [];
  readonly #session: MinerSession;
  readonly #socket: Socket;
  #share: string | undefined;
  closed = false;

  private constructor(username: string, port: number, localAddress: string) {
    this.#session = new MinerSession({
      username,
      password: 'x',
      userAgent: 'hostile/1.0',
      algorithm: 'sha256d',
      versionMask: 0,
    });
    this.#socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('close', () => (this.closed = true));
    this.#socket.on('error', () => undefined); // A cheat that is thrown out has what it deserves.
  }

  /** Resolves with the first job. */
  static async ready(username: string, port: number, localAddress: string): Promise<HostileMiner> {
    const miner = new HostileMiner(username, port, localAddress);
    await new Promise<void>((resolve, reject) => {
      let partial = '';
      miner.#socket.on('connect', () => miner.#socket.write(miner.#session.open().join('')));
      miner.#socket.on('close', () => reject(new Error(`${username} was closed before its first job`)));
      miner.#socket.on('data', (chunk: string) => {
        const lines = (partial + chunk).split('\n');
        partial = lines.pop()!;
        for (const line of lines) if (miner.#received(line)) resolve();
      });
    });
    return miner;
  }

  /** Mines one share, then sends it `count` times; from then on only the latter. */
  repeatLastShare(count: number): void {
    if (this.#share === undefined) this.#share = this.#mineOne();
    this.#socket.write(this.#share.repeat(count));
  }

  /** A third each: nonces taken at random, jobs that do not exist, times of another age. */
  submitRubbish(count: number, random: Random): void {
    const work = this.#work();
    const lines: string[] = [];
    for (let i = 0; i < count; i++) {
      const nonce = random.uint32();
      if (i % 3 === 0) lines.push(this.#session.submit(work, nonce) ?? '');
      else if (i % 3 === 1) lines.push(this.#untracked(work, STRAY_JOB, work.ntime, nonce));
      else lines.push(this.#untracked(work, work.jobId, work.ntime + 1_000_000, nonce));
    }
    this.#socket.write(lines.join(''));
  }

  /** Well-formed shares of a job that does not exist, many at once. */
  flood(count: number): void {
    const work = this.#work();
    this.#socket.write(this.#untracked(work, STRAY_JOB, work.ntime, 0).repeat(count));
  }

  close(): void {
    this.#socket.destroy();
  }

  #work(): Work {
    const work = this.#session.work();
    assert(work, 'the miner has no job');
    return work;
  }

  #untracked(work: Work, jobId: string, ntime: number, nonce: number): string {
    const { username } = this.#session.identity;
    const params = [username, jobId, work.extranonce2, hexFromUint32(ntime), hexFromUint32(nonce)];
    return JSON.stringify({ id: UNTRACKED_ID, method: 'mining.submit', params }) + '\n';
  }

  #mineOne(): string {
    const work = this.#work();
    let line: string | undefined;
    new NonceSearch(createProver('sha256d')).search(work.header, work.target, 0, NONCES, (nonce) => {
      line = this.#session.submit(work, nonce);
      return false;
    });
    assert(line !== undefined, 'no share was found');
    this.#socket.write(line);
    // Again under an id whose answers the session does not wait for.
    return line.replace(/"id":\d+/, `"id":${UNTRACKED_ID}`);
  }

  /** Whether the line was a job. */
  #received(line: string): boolean {
    let job = false;
    for (const item of this.#session.receive(line).news) {
      if (item.type === 'answer' && item.answer.accepted) this.accepted.push(item.answer);
      if (item.type === 'job') job = true;
    }
    return job;
  }
}
