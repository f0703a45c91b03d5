import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../testing/fixture.ts';
import { EASY, UpstreamLab } from '../testing/upstream-lab.ts';
import { registerUpstreamMetrics } from './upstream-metrics.ts';

let lab: UpstreamLab;
beforeEach(() => void (lab = new UpstreamLab()));
afterEach(() => lab.end());

it('gives a pool its shares, each once, with what it says of them on record', async () => {
  const pool = await lab.pool();
  lab.begin();
  const { cleanJobs, versionMask, wanted } = await lab.job();
  expect({ cleanJobs, versionMask, difficulty: wanted!.difficulty }).toEqual({
    cleanJobs: true,
    versionMask: 0x1fffe000,
    difficulty: EASY,
  });
  const hashes = [lab.mine(), lab.mine({ bits: 0x00c00000 }), lab.mine({ worker: 'acme' })];
  const records = await lab.settled(...hashes);
  expect(records.map(({ verdict, attempts }) => [verdict, attempts])).toEqual([['accepted', 1], ['accepted', 1], ['accepted', 1]]); // prettier-ignore
  expect(records[0]).toMatchObject({
    gateway: 'g1',
    source: 'up',
    endpoint: `127.0.0.1:${pool.port}`,
    jobHash: lab.current.job.hash,
    upstreamDifficulty: EASY,
    tenant: 'acme',
    worker: 'acme.north.r1',
    account: 'farm',
    reason: '',
  });
  expect([...pool.credited.keys()].sort()).toEqual([...hashes].sort());
  expect(pool.submits).toBe(3);
  expect(lab.jobs[0]).toMatchObject({ type: 'job', jobHash: lab.current.job.hash });
});

it('shows in its metrics what became of shares', async () => {
  const pool = await lab.pool();
  const registry = new Registry();
  registerUpstreamMetrics(registry, [lab.begin()]);
  await lab.job();
  await lab.settled(lab.mine());
  pool.refuses = 'low difficulty';
  await lab.settled(lab.mine());
  const text = await registry.metrics();
  const labels = `source="up",endpoint="127.0.0.1:${pool.port}"`;
  for (const line of [
    `in_use{${labels}} 1`,
    `forwarded_shares_total{${labels}} 2`,
    `shares_total{${labels},verdict="accepted"} 1`,
    `rejects_total{${labels},code="23"} 1`,
    `answer_seconds_count{${labels}} 2`,
  ])
    expect(text).toContain(`assay_stratum_gateway_upstream_${line}\n`);
});

it('proves scrypt shares in the difficulty of scrypt pools', async () => {
  const pool = await lab.pool({ algorithm: 'scrypt', difficulty: 0.0005 });
  lab.begin({ algorithm: 'scrypt' });
  await lab.job();
  const [record] = await lab.settled(lab.mine());
  expect(record).toMatchObject({ verdict: 'accepted', upstreamDifficulty: 0.0005 });
  expect(pool.credited.size).toBe(1);
});

it('fills the room that a pool leaves beyond ours, and says what to set where there is too little', async () => {
  const [roomy] = [await lab.pool({ extranonce2Bytes: 12 })];
  lab.begin();
  await lab.job();
  await lab.settled(lab.mine());
  expect(roomy.credited.size).toBe(1);
  await lab.end();

  lab = new UpstreamLab();
  await lab.pool({ extranonce2Bytes: 4 });
  lab.begin();
  await eventually(() => lab.aways.length > 0, 'refusal');
  expect(lab.aways[0]).toContain('set ASSAY_EXTRANONCE1_BYTES and ASSAY_EXTRANONCE2_BYTES to 4 together');
});

it('rolls no bits that the pool does not grant', async () => {
  const pool = await lab.pool({ versionMask: 0 });
  lab.begin();
  expect((await lab.job()).versionMask).toBe(0);
  await lab.settled(lab.mine());
  expect(pool.credited.size).toBe(1);
});

it.each([
  ['mining.configure', 0],
  ['mining.extranonce.subscribe', 0x1fffe000],
])('does without %s where a pool hangs up on it', async (method, mask) => {
  const pool = await lab.pool({ hangsUpOn: [method] });
  const [endpoint] = lab.begin().endpoints;
  await eventually(() => endpoint!.tallies.losses === 2 && lab.source.active === endpoint, 'a connection that stays');
  expect(lab.current.versionMask).toBe(mask);
  await lab.settled(lab.mine());
  expect(pool.credited.size).toBe(1);
});

it('asks again for version rolling after a connection was cut in the handshake', async () => {
  const pool = await lab.pool();
  lab.begin();
  await lab.job();
  pool.dropAll();
  await lab.job(2);
  expect(lab.current.versionMask).toBe(0x1fffe000);
});

it('judges a share by the difficulty its job was sent with', async () => {
  const pool = await lab.pool({ difficulty: 2 * EASY });
  lab.begin();
  const before = await lab.job();
  pool.setDifficulty(EASY / 2);
  pool.newJob(false);
  const after = await lab.job(2);
  expect([before, after].map(({ wanted, cleanJobs }) => [wanted!.difficulty, cleanJobs])).toEqual([[2 * EASY, true], [EASY / 2, false]]); // prettier-ignore
  const records = await lab.settled(lab.mine({ on: before }), lab.mine({ on: after }));
  expect(records.map(({ verdict, upstreamDifficulty }) => [verdict, upstreamDifficulty])).toEqual([['accepted', 2 * EASY], ['accepted', EASY / 2]]); // prettier-ignore
  expect(pool.faults).toBe(0);
});

it('goes on with a clean job when the extranonce1 changes', async () => {
  const pool = await lab.pool();
  lab.begin();
  await lab.job();
  pool.changeExtranonce();
  expect((await lab.job(2)).cleanJobs).toBe(true);
  await lab.settled(lab.mine());
  expect(pool.credited.size).toBe(1);
  expect(pool.faults).toBe(0);
});

it('moves to the next pool within a second when one is lost, and back when that has been in order for a while', async () => {
  const [first, second] = [await lab.pool(), await lab.pool()];
  const source = lab.begin();
  await lab.worksWith(first);
  await eventually(() => second.connected === 1, 'the connection in reserve');
  const lostAtMs = performance.now();
  await first.stop();
  await lab.worksWith(second);
  expect(performance.now() - lostAtMs).toBeLessThan(1000);
  expect(lab.current.cleanJobs).toBe(true);
  expect(source.state).toContain(`works with 127.0.0.1:${second.port}, since 127.0.0.1:${first.port}: `);
  const hash = lab.mine();
  await lab.settled(hash);
  expect([...second.credited.keys()]).toEqual([hash]);

  await first.start();
  await eventually(() => first.connected === 1, 'the first pool again');
  const backAtMs = performance.now();
  await lab.worksWith(first);
  expect(performance.now() - backAtMs).toBeGreaterThan(250);
  expect(lab.current.cleanJobs).toBe(true);
  expect(source.state).toBe('ok');
  expect(lab.aways).toEqual([]);
});

it('stays with the next pool while the first comes and goes', async () => {
  const [first, second] = [await lab.pool(), await lab.pool()];
  const source = lab.begin({ failBackSeconds: 60 });
  await lab.worksWith(first);
  for (let round = 0; round < 3; round++) {
    await eventually(() => first.connected === 1, 'the first pool');
    first.dropAll();
    await eventually(() => first.connected === 0, 'its loss');
  }
  await lab.worksWith(second);
  expect(source.switches).toBe(1);
});

it('changes without a connection in reserve too', async () => {
  const [first, second] = [await lab.pool(), await lab.pool()];
  lab.begin({ standby: false });
  await lab.worksWith(first);
  expect(second.connects).toBe(0);
  await first.stop();
  await lab.worksWith(second);
  expect(lab.aways).toEqual([]);
});

it('says that there is no work when no pool is left, and goes on when one is back', async () => {
  const pool = await lab.pool();
  const source = lab.begin({ awaySeconds: 0.1 });
  await lab.job();
  await pool.stop();
  await eventually(() => lab.aways.length > 0, 'the loss');
  expect(lab.aways[0]).toContain(`127.0.0.1:${pool.port}: `);
  expect(source.state).toBe(source.endpoints[0]!.trouble);
  const before = lab.given.length;
  await pool.start();
  await lab.job(before + 1);
  expect(source.state).toBe('ok');
  expect(lab.aways).toHaveLength(1);
});

it('takes a session up again: jobs go on, what was unanswered is sent again, what came meanwhile is sent', async () => {
  const pool = await lab.pool({ resumes: true });
  lab.begin();
  await lab.job();
  pool.mute = true;
  const unanswered = lab.mine();
  await eventually(() => pool.submits === 1, 'the submit');
  await pool.stop();
  await eventually(() => lab.source.active === undefined, 'the loss');
  const meanwhile = lab.mine();
  pool.mute = false;
  await pool.start();
  const again = await lab.job(2);
  expect(again.cleanJobs).toBe(false);
  const after = lab.mine();
  const records = await lab.settled(unanswered, meanwhile, after);
  // The pool calls the first a duplicate: it has credited it, and its answer was lost.
  expect(records.map(({ verdict, attempts }) => [verdict, attempts])).toEqual([['accepted', 2], ['accepted', 1], ['accepted', 1]]); // prettier-ignore
  expect([...pool.credited.keys()].sort()).toEqual([unanswered, meanwhile, after].sort());
  expect(pool.refused.get('sent again')).toBe(1);
});

it('sends nothing again on another session, except what may be a block', async () => {
  const pool = await lab.pool();
  lab.begin();
  await lab.job();
  pool.mute = true;
  const [share, block] = [lab.mine(), lab.mine({ blockCandidate: true })];
  await eventually(() => pool.submits === 2, 'the submits');
  await pool.stop();
  await eventually(() => lab.source.active === undefined, 'the loss');
  const late = lab.mine();
  pool.mute = false;
  await pool.start();
  const records = await lab.settled(share, block, late);
  expect(records.map(({ verdict, attempts }) => [verdict, attempts])).toEqual([['unanswered', 1], ['unanswered', 2], ['unsent', 0]]); // prettier-ignore
  // What the pool says of the second attempt says nothing of the first.
  expect(records[1]!.reason).toBe('sent again: 23 Low difficulty share');
  expect((await lab.job(2)).cleanJobs).toBe(true);
});

it('sends what may be a block to its own pool when that is back, though another one is in use', async () => {
  const [first, second] = [await lab.pool({ resumes: true }), await lab.pool()];
  lab.begin({ failBackSeconds: 60, resendSeconds: 0 });
  await lab.worksWith(first);
  const work = lab.current;
  await first.stop();
  await lab.worksWith(second);
  const [block, share] = [lab.mine({ on: work, blockCandidate: true }), lab.mine({ on: work })];
  expect((await lab.settled(share))[0]).toMatchObject({ verdict: 'unsent', attempts: 0 });
  await first.start();
  expect((await lab.settled(block))[0]).toMatchObject({ verdict: 'accepted', endpoint: `127.0.0.1:${first.port}` });
  expect(first.credited.has(block)).toBe(true);
  await lab.worksWith(second);
});

it('passes work that is found twice on once', async () => {
  const pool = await lab.pool();
  const source = lab.begin();
  await lab.job();
  const { wanted } = lab.current;
  const taken: Parameters<NonNullable<typeof wanted>['take']>[0][] = [];
  const hash = lab.mine({ on: { ...lab.current, wanted: { ...wanted!, take: (share) => void taken.push(share) } } });
  for (let i = 0; i < 3; i++) wanted!.take(taken[0]!);
  expect((await lab.settled(hash))[0]).toMatchObject({ verdict: 'accepted', attempts: 1 });
  expect(pool.submits).toBe(1);
  expect(source.endpoints[0]!.tallies.repeated).toBe(2);
});

it("passes workers' names on, and takes the base account for those the pool refuses", async () => {
  const pool = await lab.pool({ accounts: ['farm', 'farm.north.r1', 'farm.north.r2'] });
  lab.begin({ endpoints: [{ url: `stratum+tcp://127.0.0.1:${pool.port}`, user: 'farm.{path}' }] });
  await lab.job();
  const workers = ['acme.north.r1', 'acme.north.r1', 'acme.north.r2', 'acme.south.r9', 'acme'];
  const records = await lab.settled(...workers.map((worker) => lab.mine({ worker })));
  const accounts = ['farm.north.r1', 'farm.north.r1', 'farm.north.r2', 'farm', 'farm'];
  expect(records.map(({ account }) => account)).toEqual(accounts);
  expect(records.every(({ verdict }) => verdict === 'accepted')).toBe(true);
  expect([...pool.credited.values()].map(({ account }) => account).sort()).toEqual([...accounts].sort());
});

it('follows a pool that sends it elsewhere under its own name, and nowhere else', async () => {
  const [pool, other] = [await lab.pool(), await lab.pool()];
  lab.begin({ endpoints: [{ url: `stratum+tcp://127.0.0.1:${pool.port}`, user: 'farm' }] });
  await lab.job();
  pool.reconnect('10.9.8.7', 3333);
  pool.reconnect('127.0.0.1', String(other.port));
  await eventually(() => other.connected === 1, 'the other place');
  const { problems, redirects } = lab.source.endpoints[0]!.tallies;
  expect([redirects, problems.get('refused redirect')]).toEqual([1, 1]);
  await lab.job(2);
  await lab.settled(lab.mine());
  expect(other.credited.size).toBe(1);
});

it('leaves a pool that does not answer, and one that sends nothing', async () => {
  const [first, second] = [await lab.pool(), await lab.pool()];
  lab.begin({ answerSeconds: 0.2, failBackSeconds: 60, silenceSeconds: 1 });
  await lab.worksWith(first);
  first.mute = true;
  const hash = lab.mine();
  await lab.worksWith(second);
  expect(lab.source.endpoints[0]!.trouble).toContain('not answered within 0.2 s');
  expect((await lab.settled(hash))[0]).toMatchObject({ verdict: 'unanswered' });
  await eventually(() => lab.source.endpoints[1]!.trouble.includes('no job for 1 s'), 'the end of patience');
});

it('leaves a pool that refuses most of what it gets', async () => {
  const [first, second] = [await lab.pool(), await lab.pool()];
  lab.begin({ failBackSeconds: 60 });
  await lab.worksWith(first);
  first.refuses = 'low difficulty';
  for (let i = 0; i < 40; i++) lab.mine();
  await lab.worksWith(second);
  expect(lab.source.endpoints[0]!.trouble).toContain('refuses most shares');
});

const HOSTILE = [
  'no json\n',
  '{"id":null,"method":"mining.notify","params":[]}\n',
  '{"id":null,"method":"mining.notify","params":["1",2,3]}\n',
  '{"id":null,"method":"mining.set_difficulty","params":[0]}\n',
  '{"id":null,"method":"mining.set_difficulty","params":["NaN"]}\n',
  '{"id":null,"method":"mining.set_difficulty","params":[-5]}\n',
  '{"id":null,"method":"mining.set_difficulty","params":[1e300]}\n',
  '{"id":null,"method":"mining.set_extranonce","params":["00",0]}\n',
  '{"id":99999,"result":true,"error":null}\n',
  '[]\n',
];

it('counts hostile lines and works on, until there are too many of them', async () => {
  const pool = await lab.pool();
  const source = lab.begin();
  await lab.job();
  const { tallies } = source.endpoints[0]!;
  for (const line of HOSTILE) pool.say(line);
  const counted = (): number => [...tallies.problems.values()].reduce((sum, count) => sum + count, 0);
  await eventually(() => counted() === HOSTILE.length, 'all lines');
  await lab.settled(lab.mine());
  expect(pool.credited.size).toBe(1);
  for (let i = 0; i < 4; i++) for (const line of HOSTILE) pool.say(line);
  await eventually(() => tallies.losses === 1, 'the end of patience');
  await lab.job(2);
});

it('lets go of a pool that sends a line without an end, or jobs without end', async () => {
  const pool = await lab.pool();
  const { tallies } = lab.begin().endpoints[0]!;
  await lab.job();
  pool.say('x'.repeat(70_000));
  await eventually(() => tallies.problems.get('line too long') === 1 && tallies.losses === 1, 'the first');
  await lab.job(2);
  for (let i = 0; i < 150; i++) pool.newJob(false);
  await eventually(() => tallies.losses === 2, 'the second');
  expect(lab.source.endpoints[0]!.trouble).toContain('floods us with jobs');
});
