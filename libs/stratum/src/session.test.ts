import { describe, expect, it } from 'vitest';
import type { RejectReason } from '@assay/mining';
import { JobBook, JobSequence } from './job-book.ts';
import type { WantedShares } from './sourced-job.ts';
import { SessionDriver, linesOf } from './testing/session-driver.ts';
import { START_US, testListener, testSession, type TestListener } from './testing/test-session.ts';
import {
  encodeReconnect,
  encodeShowMessage,
  encodeVersionRequest,
  handleReply,
  numberedVersionRequest,
  VERSION_REQUEST_ID,
} from './session-requests.ts';
import { parseMessage } from './message-codec.ts';

const MINUTE = 60_000_000;

class Miner {
  readonly listener: TestListener;
  readonly driver: SessionDriver;
  nowUs = START_US;
  job = '';
  ntime = '';
  difficulty = 0;
  jobsReceived = 0;

  constructor(changes: Parameters<typeof testListener>[0] = {}) {
    this.listener = testListener(changes);
    this.driver = new SessionDriver(testSession(this.listener));
  }

  static ready(changes: Parameters<typeof testListener>[0] = {}, password = 'x'): Miner {
    const miner = new Miner(changes);
    miner.say('mining.subscribe', ['t/1']);
    miner.say('mining.authorize', ['acme.n.m', password]);
    return miner;
  }

  get session() {
    return this.driver.session;
  }

  say(method: string, params: readonly unknown[], id: unknown = 1): string[] {
    const bytes = Buffer.from(JSON.stringify({ id, method, params }));
    const { sent } = this.driver.play(bytes, 0, bytes.length, this.nowUs);
    return this.hear(sent);
  }

  hear(sent: Uint8Array | undefined | readonly string[]): string[] {
    const lines = sent === undefined ? [] : sent instanceof Uint8Array ? linesOf(sent) : [...sent];
    for (const line of lines) {
      const { method, params } = JSON.parse(line) as { method?: string; params?: [string | number, ...string[]] };
      if (method === 'mining.set_difficulty') this.difficulty = params![0] as number;
      if (method !== 'mining.notify') continue;
      this.jobsReceived++;
      this.job = params![0] as string;
      this.ntime = params![7]!;
    }
    return lines;
  }

  newJob(clean = false): string[] {
    return this.hear(
      this.session.announce(this.listener.jobs.add(this.listener.nextJob(this.nowUs, clean), clean), this.nowUs),
    );
  }

  /** The verdict on a share of this job, a new one each time. */
  submit(job = this.job, nonce = ++this.#nonce): RejectReason | 'hash' {
    const params = ['acme.n.m', job, '0000000000000000', this.ntime, nonce.toString(16)];
    const bytes = Buffer.from(JSON.stringify({ id: 4, method: 'mining.submit', params }));
    return this.driver.play(bytes, 0, bytes.length, this.nowUs).reason as RejectReason | 'hash';
  }

  get judgedBy(): number | undefined {
    return this.driver.checked.tier?.difficulty;
  }

  #nonce = 0;
}

describe('difficulty', () => {
  it('is judged by the job a share names, not by the present one', () => {
    const miner = Miner.ready({}, 'd=8');
    const first = miner.job;
    miner.say('mining.suggest_difficulty', [64]);
    const second = miner.job;
    expect(second).not.toBe(first);
    expect(miner.difficulty).toBe(64);
    expect([miner.submit(first), miner.judgedBy]).toEqual(['hash', 8]);
    expect([miner.submit(second), miner.judgedBy]).toEqual(['hash', 64]);
    miner.newJob();
    expect([miner.submit(), miner.judgedBy]).toEqual(['hash', 64]);
    expect([miner.submit(first), miner.judgedBy]).toEqual(['hash', 8]);
  });

  it('is announced right before the job it takes effect with, which has a later ntime', () => {
    const miner = Miner.ready({}, 'd=8');
    const ntime = miner.ntime;
    const lines = miner.say('mining.suggest_difficulty', [64]);
    expect(lines.map((line) => (JSON.parse(line) as { method?: string }).method)).toEqual([
      undefined,
      'mining.set_difficulty',
      'mining.notify',
    ]);
    expect(parseInt(miner.ntime, 16)).toBeGreaterThan(parseInt(ntime, 16));
  });

  it('does not count a share twice that a miner finds again after a change of difficulty', () => {
    const miner = Miner.ready({}, 'd=8');
    expect(miner.submit(miner.job, 77)).toBe('hash');
    const ntime = miner.ntime;
    miner.say('mining.suggest_difficulty', [64]);
    miner.ntime = ntime;
    expect(miner.submit(miner.job, 77)).toBe('duplicate');
  });

  it('starts from the first known of password, suggestion, last one, expected rate, rolling, default', () => {
    const start = (
      password: string,
      suggested: number | undefined,
      lastKnown: number | undefined,
      rolling = false,
    ): number => {
      const miner = new Miner({
        authorize: (name, { expectedHashRateHs }) => ({
          allowed: true,
          worker: { name, expectedHashRateHs },
          lastKnownDifficulty: lastKnown,
        }),
      });
      if (suggested !== undefined) miner.say('mining.suggest_difficulty', [suggested]);
      if (rolling) miner.say('mining.configure', [['version-rolling'], {}]);
      miner.say('mining.authorize', ['acme.n.m', password]);
      miner.say('mining.subscribe', []);
      return miner.difficulty;
    };
    expect(start('d=100,rate=1T', 30, 20)).toBe(100);
    expect(start('rate=1T', 30, 20)).toBe(30);
    expect(start('rate=1T', undefined, 20)).toBe(20);
    // 1 TH/s at 18 shares a minute: 10^12 * 60 / 18 / 2^32.
    expect(start('rate=1T', undefined, undefined, true)).toBe(776);
    expect(start('x', undefined, undefined, true)).toBe(512);
    expect(start('x', undefined, undefined)).toBe(0.001);
    expect(start('d=0.0000000001', undefined, undefined)).toBe(0.00001);
  });

  it('never falls below what was asked for as the minimum', () => {
    const miner = new Miner();
    miner.say('mining.configure', [['minimum-difficulty'], { 'minimum-difficulty.value': 4096 }]);
    miner.say('mining.subscribe', []);
    miner.say('mining.authorize', ['acme.n.m', 'd=1']);
    expect(miner.difficulty).toBe(4096);
    for (let i = 0; i < 20; i++) {
      miner.nowUs += MINUTE;
      miner.hear(miner.session.onTick(miner.nowUs));
    }
    expect(miner.difficulty).toBe(4096);
    miner.say('mining.configure', [['minimum-difficulty'], { 'minimum-difficulty.value': 8192 }]);
    expect(miner.difficulty).toBe(8192);
  });

  it('falls in silence and rises under load', () => {
    const miner = Miner.ready({}, 'd=1024');
    miner.nowUs += MINUTE;
    miner.hear(miner.session.onTick(miner.nowUs));
    expect(miner.difficulty).toBeLessThan(1024);
    const low = miner.difficulty;
    for (let i = 0; i < 30; i++) {
      miner.nowUs += 10_000;
      miner.hear(miner.session.onAccepted(low, miner.nowUs));
    }
    expect(miner.difficulty).toBeGreaterThan(low);
  });

  it('waits for the next job when the present one has been sent too often', () => {
    const miner = Miner.ready({}, 'd=8');
    for (let i = 0; i < 300; i++) miner.say('mining.suggest_difficulty', [9 + (i % 7)]);
    expect(miner.jobsReceived).toBe(256);
    const before = miner.difficulty;
    miner.say('mining.suggest_difficulty', [5000]);
    expect(miner.difficulty).toBe(before);
    expect([miner.submit(), miner.judgedBy]).toEqual(['hash', before]);
    const [, job] = miner.newJob();
    expect((JSON.parse(job!) as { params: unknown[] }).params[8]).toBe(true);
    expect(miner.difficulty).toBe(5000);
    expect([miner.submit(), miner.judgedBy]).toEqual(['hash', 5000]);
  });
});

describe('jobs', () => {
  it('are refused when never sent, sent elsewhere, or gone', () => {
    const miner = Miner.ready();
    const first = miner.job;
    const before = (parseInt(first, 16) - 256).toString(16).padStart(8, '0');
    const after = (parseInt(first, 16) + 256).toString(16).padStart(8, '0');
    expect(miner.submit(before)).toBe('unknown_job');
    expect(miner.submit(after)).toBe('unknown_job');
    expect(miner.submit('zz')).toBe('unknown_job');
    expect(miner.submit('')).toBe('unknown_job');
    for (let i = 0; i < 8; i++) miner.newJob();
    expect(miner.submit(first)).toBe('stale');
    miner.newJob();
    const second = miner.job;
    miner.newJob(true);
    expect(miner.submit(second)).toBe('stale');
    expect(miner.submit()).toBe('hash');
  });

  it('wait for a miner that was ready before the first of them', () => {
    const empty = new Miner({ jobs: new JobBook(new JobSequence(5)) });
    // testListener gives every book a job; this one is taken before the miner is ready, so the next one must bring everything.
    empty.say('mining.subscribe', []);
    expect(empty.jobsReceived).toBe(0);
    expect(empty.newJob()).toEqual([]);
    empty.say('mining.authorize', ['acme.n.m']);
    expect(empty.jobsReceived).toBe(1);
  });

  it('are sent again as a sign of life with the same id', () => {
    const miner = Miner.ready();
    const { job, ntime } = miner;
    miner.nowUs += MINUTE;
    expect(miner.hear(miner.session.resend(miner.nowUs))).toHaveLength(1);
    expect(miner.job).toBe(job);
    expect(parseInt(miner.ntime, 16)).toBe(parseInt(ntime, 16) + 60);
    expect(miner.submit()).toBe('hash');
  });
});

describe('what is said to a miner', () => {
  it('keeps the number of workers on a connection within its bound', () => {
    const miner = Miner.ready();
    for (let i = 0; i < 3; i++) miner.say('mining.authorize', [`acme.n.m${i}`, '']);
    const [refusal] = miner.say('mining.authorize', ['acme.n.one-more', '']);
    expect(JSON.parse(refusal!)).toMatchObject({
      result: false,
      error: [24, 'Too many workers on this connection, at most 4', null],
    });
    expect(miner.session.workers).toHaveLength(4);
  });

  it('refuses a mask too narrow for the miner, and stops rolling then', () => {
    const miner = new Miner({ versionMask: 0x6000 });
    const [reply] = miner.say('mining.configure', [
      ['version-rolling'],
      { 'version-rolling.mask': '1fffe000', 'version-rolling.min-bit-count': 3 },
    ]);
    expect(JSON.parse(reply!)).toMatchObject({ result: { 'version-rolling': false } });
    expect(miner.session.versionMask).toBe(0);
  });

  it('learns the version of a miner that is asked for it', () => {
    const miner = new Miner();
    expect(linesOf(encodeVersionRequest())).toEqual([
      `{"id":${VERSION_REQUEST_ID},"method":"client.get_version","params":[]}`,
    ]);
    const reply = Buffer.from(`{"id":${VERSION_REQUEST_ID},"result":"cg\u00fcminer/4","error":null}`);
    miner.driver.play(reply, 0, reply.length, START_US);
    expect(miner.session.userAgent).toBe('cg?miner/4');
  });

  it('tells the answers to version requests asked in turn from each other, and from anything else', () => {
    const miner = new Miner();
    const said = (id: string, rest = '"result":null,"error":[-3,"Unknown",null]'): number | undefined => {
      const line = Buffer.from(`{"id":${id},${rest}}`);
      const message = parseMessage(line, 0, line.length);
      return message.kind === 'reply' ? handleReply(miner.session, message) : undefined;
    };
    const asked = Array.from({ length: 20 }, (_, i) => numberedVersionRequest(i));
    for (const { id, bytes } of asked) {
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ id, method: 'client.get_version' });
      expect(said(String(id))).toBe(id);
    }
    expect(new Set(asked.slice(0, 16).map(({ id }) => id)).size).toBe(16);
    expect(asked[16]!.id).toBe(asked[0]!.id);
    expect(said(String(VERSION_REQUEST_ID))).toBe(VERSION_REQUEST_ID);
    for (const id of ['4', 'null', `"x"`, String(VERSION_REQUEST_ID + 17), '""']) expect(said(id)).toBeUndefined();
    expect(miner.session.userAgent).toBe('');
  });

  it('can be sent elsewhere and told things', () => {
    expect(linesOf(encodeReconnect(undefined, undefined, 0))).toEqual([
      '{"id":null,"method":"client.reconnect","params":[]}',
    ]);
    expect(linesOf(encodeReconnect('pool.example', 3333, 5))).toEqual([
      '{"id":null,"method":"client.reconnect","params":["pool.example",3333,5]}',
    ]);
    expect(linesOf(encodeShowMessage('a "b"'))).toEqual([
      '{"id":null,"method":"client.show_message","params":["a \\"b\\""]}',
    ]);
  });

  it('answers both shapes of pong with nothing', () => {
    const miner = Miner.ready();
    expect(miner.say('mining.pong', [])).toEqual([]);
    expect(miner.say('pong', [])).toEqual([]);
    const reply = Buffer.from('{"id":9,"result":"pong","error":null}');
    expect(miner.driver.play(reply, 0, reply.length, START_US).sent).toEqual([]);
  });
});

describe('terms of a source', () => {
  const wanted = (difficulty: number): WantedShares => ({
    target: new Uint8Array(32),
    difficulty,
    take: () => undefined,
  });

  function nextJob(miner: Miner, terms: { difficulty?: number; versionMask?: number }): string[] {
    const { versionMask = 0xffffffff, difficulty } = terms;
    const job = miner.listener.nextJob(miner.nowUs, false);
    const want = difficulty === undefined ? undefined : wanted(difficulty);
    const published = miner.listener.jobs.add(job, false, { versionMask, wanted: want }, miner.nowUs);
    return miner.hear(miner.session.announce(published, miner.nowUs));
  }

  it('hold the difficulty at what the source pays for, from the job on that they came with', () => {
    const miner = Miner.ready({}, 'd=65536');
    const before = miner.job;
    nextJob(miner, { difficulty: 1000.5 });
    expect(miner.difficulty).toBe(1000);
    expect(miner.submit(before)).toBe('hash');
    expect(miner.judgedBy).toBe(65536);
    expect(miner.submit()).toBe('hash');
    expect(miner.judgedBy).toBe(1000);
    miner.say('mining.suggest_difficulty', [5000]);
    miner.say('mining.configure', [['minimum-difficulty'], { 'minimum-difficulty.value': 4096 }]);
    expect(miner.difficulty).toBe(1000);
    nextJob(miner, { difficulty: 32 });
    expect(miner.difficulty).toBe(32);
    expect(miner.submit()).toBe('hash');
    expect(miner.judgedBy).toBe(32);
  });

  it('hold a miner that begins, whatever it asks for', () => {
    const miner = new Miner({ jobs: new JobBook(new JobSequence(1)) });
    nextJob(miner, { difficulty: 0.5 });
    miner.say('mining.subscribe', []);
    miner.say('mining.authorize', ['acme.n.m', 'd=1000000']);
    expect(miner.difficulty).toBe(0.5);
  });

  it('let vardiff rise again when the source wants less', () => {
    const miner = Miner.ready({}, 'd=64');
    nextJob(miner, { difficulty: 2 });
    nextJob(miner, { difficulty: 1e6 });
    expect(miner.difficulty).toBe(2);
    for (let i = 0; i < 200 && miner.difficulty === 2; i++) {
      miner.nowUs += 100_000;
      miner.hear(miner.session.onAccepted(miner.session.difficulty, miner.nowUs));
    }
    expect(miner.difficulty).toBeGreaterThan(2);
  });

  it('narrow the mask with the job they came with, and widen it again', () => {
    const miner = new Miner();
    miner.say('mining.configure', [['version-rolling'], { 'version-rolling.mask': '1fffe000' }]);
    miner.say('mining.subscribe', []);
    miner.say('mining.authorize', ['acme.n.m', 'x']);
    const [told, job] = nextJob(miner, { versionMask: 0x00c00000 });
    expect(JSON.parse(told!)).toMatchObject({ method: 'mining.set_version_mask', params: ['00c00000'] });
    expect(JSON.parse(job!)).toMatchObject({ method: 'mining.notify' });
    expect(nextJob(miner, { versionMask: 0x00c00000 })).toHaveLength(1);
    expect(nextJob(miner, {}).map((line) => (JSON.parse(line) as { params: unknown[] }).params[0])).toEqual([
      '1fffe000',
      miner.job,
    ]);
  });
});

describe('another source', () => {
  function twoSources(): { miner: Miner; other: JobBook } {
    const sequence = new JobSequence(1);
    const miner = Miner.ready({ jobs: new JobBook(sequence) }, 'd=8');
    const other = new JobBook(sequence);
    return { miner, other };
  }
  const take = (miner: Miner, jobs: JobBook): string[] => miner.hear(miner.session.follow(jobs, miner.nowUs));
  const fill = (miner: Miner, jobs: JobBook) => jobs.add(miner.listener.nextJob(miner.nowUs, true), true);

  it('gives a connection its job at once, to start anew with, and what was found before is still good', () => {
    const { miner, other } = twoSources();
    const before = miner.job;
    fill(miner, other);
    const [notify] = take(miner, other);
    expect((JSON.parse(notify!) as { params: unknown[] }).params[8]).toBe(true);
    expect(miner.submit(before)).toBe('hash');
    expect(miner.submit()).toBe('hash');
    expect(take(miner, other)).toEqual([]);
  });

  it('without work yet gives it with its first job', () => {
    const { miner, other } = twoSources();
    expect(take(miner, other)).toEqual([]);
    expect(miner.hear(miner.session.suggest(32, miner.nowUs))).toEqual([]);
    const published = fill(miner, other);
    miner.hear(miner.session.announce(published, miner.nowUs));
    expect(miner.difficulty).toBe(32);
    expect(miner.submit()).toBe('hash');
    expect(miner.judgedBy).toBe(32);
  });

  it('and back again gives later times, so that nothing is found twice, and what is counts once', () => {
    const { miner, other } = twoSources();
    fill(miner, other);
    const [first, firstNtime] = [miner.job, miner.ntime];
    expect(miner.submit(first, 77)).toBe('hash');
    take(miner, other);
    miner.nowUs += 1_000_000;
    take(miner, miner.listener.jobs);
    expect(parseInt(miner.ntime, 16)).toBeGreaterThan(parseInt(firstNtime, 16));
    miner.ntime = firstNtime;
    expect(miner.submit(miner.job, 77)).toBe('duplicate');
  });

  it.each([
    ['before it had any work', false],
    ['after it had', true],
  ])(
    'and back again %s, with another difficulty, gives the job another id: the old one keeps its difficulty',
    (_, had) => {
      const { miner, other } = twoSources();
      const first = miner.job;
      if (had) fill(miner, other);
      take(miner, other);
      miner.hear(miner.session.suggest(64, miner.nowUs));
      take(miner, miner.listener.jobs);
      if (had) expect(miner.job).not.toBe(first);
      expect(miner.submit(first, 1)).toBe('hash');
      expect(miner.judgedBy).toBe(8);
      const published = miner.listener.jobs.add(miner.listener.nextJob(miner.nowUs, false), false);
      miner.hear(miner.session.announce(published, miner.nowUs));
      expect(miner.submit(miner.job, 2)).toBe('hash');
      expect(miner.judgedBy).toBe(64);
    },
  );

  it('of another worker needs a connection of its own', () => {
    const sequence = new JobSequence(1);
    const other = new JobBook(sequence);
    const miner = new Miner({
      jobs: new JobBook(sequence),
      authorize: (name) => ({
        allowed: true,
        worker: { name, expectedHashRateHs: undefined },
        lastKnownDifficulty: undefined,
        ...(name.tenant === 'other' ? { jobs: other } : {}),
      }),
    });
    miner.say('mining.subscribe', []);
    miner.say('mining.authorize', ['acme.n.m', 'x']);
    const [refusal] = miner.say('mining.authorize', ['other.n.m', 'x']);
    expect(JSON.parse(refusal!)).toMatchObject({
      result: false,
      error: [24, expect.stringMatching(/another pool/), null],
    });
  });
});
