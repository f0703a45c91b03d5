// A session's life: lines of its miner in any order, jobs, other sources, silence and years passing between them. It never throws, says
// nothing but whole JSON lines, and stays within its bounds; a share is judged by the difficulty its job was sent with, never twice taken,
// and never with version bits that were not granted.
import { assert, hexFromBytes, hexFromUint32 } from '@assay/kernel';
import type { Job } from '@assay/mining';
import { JobBook, JobSequence } from '../job-book.ts';
import { SessionDriver, linesOf } from '../testing/session-driver.ts';
import { START_US, testListener, testSession } from '../testing/test-session.ts';

const MAX_SENT_PER_STEP = 8;
/** Difficulties a session remembers, see difficulty-pins.ts: beyond, the oldest of them stands for those before it. */
const PINS_REMEMBERED = 30;
const BANG = 0x21;
/** Made once: making jobs is not what is fuzzed. */
const JOBS = jobsToGive(32);

export function fuzzOne(data: Uint8Array): void {
  new SessionLife().play(data);
}

export class SessionLife {
  /** Remembers nothing itself, so that its memory is the session's. */
  readonly #forgetful: boolean;
  readonly #listener = testListener();
  readonly #other: JobBook;
  readonly #driver: SessionDriver;
  #nowUs = START_US;
  #jobsGiven = 0;
  /** As told by the lines sent. */
  #difficulty = 0;
  #changes = 0;
  readonly #sentWith = new Map<string, number>();
  readonly #work = new Map<string, string>();
  readonly #taken = new Set<string>();
  #job = '00000100';
  #old = '00000100';
  #ntime = '6553f100';

  constructor({ forgetful = false }: { readonly forgetful?: boolean } = {}) {
    this.#forgetful = forgetful;
    // One sequence for both, as in a gateway: job ids are its own, whichever source a job is of.
    const sequence = new JobSequence(1);
    const jobs = new JobBook(sequence);
    this.#other = new JobBook(sequence);
    this.#driver = new SessionDriver(testSession({ ...this.#listener, jobs }));
    this.#give(jobs, true);
  }

  /** Lines of the miner, and events, which begin with `!`. */
  play(data: Uint8Array): void {
    for (let start = 0; start < data.length;) {
      const lineFeed = data.indexOf(10, start);
      const end = lineFeed < 0 ? data.length : lineFeed;
      if (data[start] === BANG) this.#event(Buffer.from(data.subarray(start + 1, end)).toString('latin1'));
      else this.#line(data, start, end);
      start = end + 1;
      this.check();
    }
  }

  #line(data: Uint8Array, start: number, end: number): void {
    const bytes = data.indexOf(0x24, start) < 0 ? data.subarray(start, end) : this.#filled(data.subarray(start, end));
    const { sent, reason } = this.#driver.play(bytes, 0, bytes.length, this.#nowUs);
    this.#nowUs += 700_000;
    this.#heard(sent);
    if (reason === 'hash') this.#judged();
  }

  #event(text: string): void {
    const { session } = this.#driver;
    const [event, count] = text.split(' ');
    switch (event) {
      case 'job':
      case 'clean':
        return this.#give(session.jobs, event === 'clean');
      case 'other':
        return this.#give(session.jobs === this.#other ? session.listener.jobs : this.#other, true);
      case 'follow':
        return this.#sent(
          session.follow(session.jobs === this.#other ? session.listener.jobs : this.#other, this.#nowUs),
        );
      case 'resend':
        return this.#sent(session.resend(this.#nowUs));
      case 'tick':
        return this.#sent(session.onTick(this.#nowUs));
      case 'wait':
        this.#nowUs += Math.min(Math.max(0, Number(count) || 0), 100_000_000) * 1_000_000;
        return this.#sent(session.onTick(this.#nowUs));
      default:
    }
  }

  check(): void {
    const { session } = this.#driver;
    const { maxWorkersPerConnection, versionMask, vardiff } = session.listener;
    assert(session.workers.length <= maxWorkersPerConnection, 'too many workers');
    assert((session.versionMask & ~versionMask) === 0, 'version bits granted that are not ours');
    assert(
      !session.started || (session.difficulty >= vardiff.minDifficulty && session.difficulty <= vardiff.maxDifficulty),
      `difficulty ${session.difficulty}`,
    );
    assert(!session.started || session.ready, 'work for a miner that is not ready');
    assert(!session.started || session.difficulty === this.#difficulty, 'the miner was told another difficulty');
  }

  #give(book: JobBook, clean: boolean): void {
    const job = JOBS[this.#jobsGiven++ % JOBS.length]!;
    const published = book.add(job, clean);
    if (book === this.#driver.session.jobs) this.#sent(this.#driver.session.announce(published, this.#nowUs));
  }

  #sent(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) this.#heard(linesOf(bytes));
  }

  #heard(lines: readonly string[]): void {
    assert(lines.length <= MAX_SENT_PER_STEP, `${lines.length} lines sent at once`);
    for (const line of lines) {
      const { method, params } = checkedLine(line);
      if (method === 'mining.set_difficulty') {
        this.#difficulty = params![0] as number;
        this.#changes++;
      }
      if (method !== 'mining.notify') continue;
      const [id, ...rest] = params as [string, ...unknown[]];
      if (id !== this.#job) [this.#old, this.#job] = [this.#job, id];
      this.#ntime = params![7] as string;
      if (this.#forgetful) continue;
      const work = JSON.stringify(rest.slice(0, 6));
      assert((this.#work.get(id) ?? work) === work, `job ${id} is sent with other work`);
      this.#work.set(id, work);
      if (!this.#sentWith.has(id)) this.#sentWith.set(id, this.#difficulty);
    }
  }

  #judged(): void {
    const { session, checked, share } = this.#driver;
    const { tier, published, worker, versionBits } = checked;
    assert(
      tier !== undefined && published !== undefined && worker !== undefined,
      'a share to be hashed lacks what it is of',
    );
    const id = hexFromUint32(share.jobId);
    const known = this.#sentWith.get(id);
    // Ids between those sent are the job's too: a variant that was skipped.
    if (known !== undefined && this.#changes <= PINS_REMEMBERED)
      assert(tier.difficulty === known, `job ${id} was sent with ${known} and is judged by ${tier.difficulty}`);
    assert((versionBits & ~session.maskOf(published)) === 0, 'version bits that were not granted');
    this.#sent(session.onAccepted(tier.difficulty, this.#nowUs));
    if (this.#forgetful) return;
    const key = [published.sequence, hexFromBytes(share.extranonce2), share.ntime, share.nonce, versionBits].join(' ');
    assert(!this.#taken.has(key), 'a share is taken twice');
    this.#taken.add(key);
  }

  #filled(line: Uint8Array): Uint8Array {
    const text = Buffer.from(line).toString('latin1');
    return Buffer.from(
      text.replaceAll('$job', this.#job).replaceAll('$old', this.#old).replaceAll('$ntime', this.#ntime),
      'latin1',
    );
  }
}

interface Message {
  readonly method?: unknown;
  readonly params?: readonly unknown[];
  readonly error?: unknown;
}

function checkedLine(line: string): Message {
  const message = JSON.parse(line) as Message;
  assert('id' in message, 'a line without an id');
  if (message.method !== undefined) return message;
  const { error } = message;
  const whole =
    error === null ||
    (Array.isArray(error) &&
      error.length === 3 &&
      Number.isInteger(error[0]) &&
      typeof error[1] === 'string' &&
      error[2] === null);
  assert(whole, `not a whole error: ${line}`);
  return message;
}

function jobsToGive(count: number): readonly Job[] {
  const listener = testListener();
  return Array.from({ length: count }, (_, i) => listener.nextJob(START_US + i * 30_000_000, i % 5 === 0));
}
