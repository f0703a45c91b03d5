// What pools are documented to say, line by line, and what we make of it.
import { hexFromBytes } from '@assay/kernel';
import { describe, expect, it } from 'vitest';
import { PoolClient, type PoolClientSettings, type PoolEffect, type PoolJob } from './pool-client.ts';
import { isOwnHost, readRedirect } from './pool-redirect.ts';

const SETTINGS: PoolClientSettings = {
  agent: 'assay/1.0',
  user: 'farm',
  password: 'x',
  versionMask: 0x1fffe000,
  extensions: ['configure', 'extranonce'],
  leastExtranonce2Bytes: 4,
  sessionId: '',
  host: 'eu.pool.example',
  port: 3333,
};

class Talk {
  readonly client: PoolClient;
  readonly effects: PoolEffect[] = [];

  constructor(changes: Partial<PoolClientSettings> = {}) {
    this.client = new PoolClient({ ...SETTINGS, ...changes });
    this.effects.push(...this.client.begin());
  }

  hears(...lines: readonly unknown[]): this {
    for (const line of lines) {
      const bytes = Buffer.from(typeof line === 'string' ? line : JSON.stringify(line));
      this.effects.push(...this.client.receive(bytes, 0, bytes.length));
    }
    return this;
  }

  /** Subscribed and authorized at difficulty 1 with extranonce1 08000002. */
  ready(): this {
    return this.hears(
      { id: 1, result: { 'version-rolling': true, 'version-rolling.mask': '1fffe000' }, error: null },
      { id: 2, result: [[['mining.notify', 'ae68']], '08000002', 8], error: null },
      { id: 3, result: true, error: null },
      { id: null, method: 'mining.set_difficulty', params: [1] },
    );
  }

  get said(): string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'send' ? [Buffer.from(effect.line).toString().trim()] : [],
    );
  }

  get jobs(): PoolJob[] {
    return this.of('job').map(({ job }) => job);
  }

  of<T extends PoolEffect['type']>(type: T): Extract<PoolEffect, { type: T }>[] {
    return this.effects.filter((effect): effect is Extract<PoolEffect, { type: T }> => effect.type === type);
  }
}

/** The example of stratum's first specification. */
const SLUSH_JOB = [
  'bf',
  '4d16b6f85af6e2198f44ae2a6de67f78487ae5611b77c6c0440b921e00000000',
  '01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff20020862062f503253482f04b8864e5008',
  '072f736c7573682f000000000100f2052a010000001976a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac00000000',
  [],
  '00000002',
  '1c2ac4af',
  '504e86b9',
  false,
];
const notify = (id: unknown = 'bf', clean: unknown = false): unknown => ({
  id: null,
  method: 'mining.notify',
  params: [id, ...SLUSH_JOB.slice(1, 8), clean],
});

describe('pools as they are documented', () => {
  it('stratum-mining: job before the difficulty, no version rolling', () => {
    const talk = new Talk().hears(
      '{"error": [-3, "Method \'configure\' not found for service \'mining\'", null], "id": 1, "result": null}',
      '{"id": 2, "result": [[["mining.set_difficulty", "b4b6693b72a50c7116db18d6497cac52"], ["mining.notify", "ae6812eb4cd7735a302a8a9dd95cf71f"]], "08000002", 4], "error": null}',
      { params: SLUSH_JOB, id: null, method: 'mining.notify' },
      '{"error": null, "id": 3, "result": true}',
    );
    expect(talk.jobs).toEqual([]);
    expect(talk.client.waitsForDifficulty).toBe(true);
    talk.hears('{ "id": null, "method": "mining.set_difficulty", "params": [2]}');
    const [job] = talk.jobs;
    expect(job).toMatchObject({ id: 'bf', difficulty: 2, versionMask: 0, extranonce2Bytes: 4, cleanJobs: false });
    expect(hexFromBytes(job!.prevHash)).toBe('f8b6164d19e2f65a2aae448f787fe66d61e57a48c0c6771b1e920b4400000000');
    expect(hexFromBytes(job!.extranonce1)).toBe('08000002');
    expect(talk.client.sessionId).toBe('ae6812eb4cd7735a302a8a9dd95cf71f');
    const call = talk.client.submit({
      account: 'slush.miner1',
      jobIdJson: job!.idJson,
      extranonce2: Uint8Array.of(0, 0, 0, 1),
      ntime: 0x504e86ed,
      nonce: 0xb2957c02,
      versionBits: undefined,
    });
    expect(Buffer.from(call!.line).toString()).toBe(
      '{"id":5,"method":"mining.submit","params":["slush.miner1","bf","00000001","504e86ed","b2957c02"]}\n',
    );
    talk.hears('{"error": [23, "Share is above target", null], "id": 5, "result": null}');
    expect(talk.of('answer')).toEqual([
      { type: 'answer', request: 5, accepted: false, reason: '23 Share is above target' },
    ]);
  });

  it('ckpool: one subscription, a large extranonce2, errors as text', () => {
    const talk = new Talk().hears(
      '{"result": {"version-rolling": true, "version-rolling.mask": "1fffe000"}, "id": 1, "error": null}',
      '{"result": [[["mining.notify", "62ad1bd0"]], "d01bad6200000000", 8], "id": 2, "error": null}',
      '{"result": true, "error": null, "id": 3}',
      '{"params": [42], "id": null, "method": "mining.set_difficulty"}',
      notify('62ad1bd000000000', true),
    );
    expect(talk.jobs).toHaveLength(1);
    expect(talk.jobs[0]).toMatchObject({ difficulty: 42, versionMask: 0x1fffe000, extranonce2Bytes: 8 });
    for (let i = 0; i < 2; i++) {
      talk.client.submit({
        account: 'farm',
        jobIdJson: '"1"',
        extranonce2: new Uint8Array(8),
        ntime: 0,
        nonce: i,
        versionBits: 0x2000,
      });
    }
    talk.hears(
      '{"reject-reason": "Above target", "result": false, "error": "Above target", "id": 5}',
      '{"result": true, "error": null, "id": 6}',
    );
    expect(talk.of('answer').map(({ accepted, reason }) => [accepted, reason])).toEqual([
      [false, 'Above target'],
      [true, ''],
    ]);
  });

  it('node pools: difficulty after authorize, errors as objects or arrays, the id as text', () => {
    const talk = new Talk({ versionMask: 0 }).hears(
      '{"id":1,"result":[[["mining.set_difficulty","deadbeef"],["mining.notify","deadbeef"]],"60000001",4],"error":null}',
      '{"id":2,"result":true,"error":null}',
      '{"id":null,"method":"mining.set_difficulty","params":[0.5]}',
      notify(17, true),
    );
    expect(talk.said).toEqual([
      '{"id":1,"method":"mining.subscribe","params":["assay/1.0"]}',
      '{"id":2,"method":"mining.authorize","params":["farm","x"]}',
      '{"id":3,"method":"mining.extranonce.subscribe","params":[]}',
    ]);
    // A job id that is a number goes back as a number.
    expect(talk.jobs[0]).toMatchObject({ id: '17', idJson: '17', difficulty: 0.5 });
    const share = { account: 'farm', jobIdJson: '17', extranonce2: new Uint8Array(4), ntime: 0, nonce: 0 };
    for (let i = 0; i < 3; i++) talk.client.submit({ ...share, versionBits: undefined });
    talk.hears(
      '{"id":"4","result":null,"error":{"code":22,"message":"duplicate share"}}',
      '{"id":5,"result":null,"error":[21,"job not found"]}',
      '{"id":6,"result":false,"error":null}',
    );
    expect(talk.of('answer').map(({ reason }) => reason)).toEqual([
      '22 duplicate share',
      '21 job not found',
      'refused without a reason',
    ]);
  });

  it('Braiins style: everything in one write, a mask that is narrower than asked for', () => {
    const talk = new Talk().hears(
      '{"id":2,"result":[[["mining.set_difficulty","1"],["mining.notify","1"]],"7c1f22","8"],"error":null}',
      '{"id":1,"result":{"version-rolling":true,"version-rolling.mask":"00ffe000"},"error":null}',
      '{"id":null,"method":"mining.set_difficulty","params":["8192"]}',
      notify('a'),
      '{"id":3,"result":true,"error":null}',
      '{"id":4,"result":true,"error":null}',
    );
    expect(talk.jobs).toHaveLength(1);
    expect(talk.jobs[0]).toMatchObject({ difficulty: 8192, versionMask: 0x00ffe000, extranonce2Bytes: 8 });
    expect(talk.jobs[0]!.extranonce1).toHaveLength(3);
  });
});

describe('PoolClient', () => {
  it('takes up a session and asks for the mask in its first words', () => {
    expect(new Talk({ sessionId: 'ae68' }).said).toEqual([
      '{"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000","version-rolling.min-bit-count":2}]}',
      '{"id":2,"method":"mining.subscribe","params":["assay/1.0","ae68"]}',
    ]);
  });

  it('leaves out on request what a pool need not know', () => {
    const talk = new Talk({ extensions: [] });
    talk.hears({ id: 1, result: [[], '00', 8], error: null });
    expect(talk.said.map((line) => (JSON.parse(line) as { method: string }).method)).toEqual(['mining.subscribe', 'mining.authorize']); // prettier-ignore
    expect(talk.client.unansweredExtension).toBeUndefined();
    expect(new Talk().client.unansweredExtension).toBe('configure');
  });

  it('pins difficulty and extranonce to the job that comes after them', () => {
    const talk = new Talk()
      .ready()
      .hears(notify('1'), { id: null, method: 'mining.set_difficulty', params: [7] })
      .hears({ id: null, method: 'mining.set_extranonce', params: ['aabb', 6] });
    expect(talk.jobs).toHaveLength(1);
    talk.hears(notify('2'));
    expect(talk.jobs.map(({ difficulty, extranonce2Bytes }) => [difficulty, extranonce2Bytes])).toEqual([
      [1, 8],
      [7, 6],
    ]);
  });

  it('keeps what held when the first job came, though it is told later', () => {
    const talk = new Talk().hears(
      { id: 2, result: [[], '00', 8], error: null },
      { id: null, method: 'mining.set_difficulty', params: [5] },
      notify('1'),
      { id: null, method: 'mining.set_difficulty', params: [9] },
      { id: 3, result: true, error: null },
    );
    expect(talk.jobs.map(({ difficulty }) => difficulty)).toEqual([5]);
  });

  it('tells the present job again when the mask changes', () => {
    const talk = new Talk()
      .ready()
      .hears(notify('1'), { id: null, method: 'mining.set_version_mask', params: ['00002000'] });
    expect(talk.jobs.map(({ versionMask, again }) => [versionMask, again])).toEqual([
      [0x1fffe000, false],
      [0x2000, true],
    ]);
    talk.hears({ id: null, method: 'mining.set_version_mask', params: ['00002000'] });
    expect(talk.jobs).toHaveLength(2);
  });

  it('takes difficulty 1 for a pool that names none', () => {
    const talk = new Talk().hears({ id: 2, result: [[], '', 8], error: null }, notify('1'), {
      id: 3,
      result: true,
      error: null,
    });
    talk.effects.push(...talk.client.assumeDifficulty());
    expect(talk.jobs.map(({ difficulty }) => difficulty)).toEqual([1]);
  });

  it('answers what a pool asks', () => {
    const talk = new Talk({ versionMask: 0 }).hears(
      { id: 7, method: 'client.get_version', params: [] },
      { id: 8, method: 'mining.ping', params: [] },
      { id: 9, method: 'mining.unheard_of', params: [] },
      { id: null, method: 'mining.unheard_of', params: [] },
      { id: null, method: 'client.show_message', params: ['hello\u0000\nthere'] },
    );
    expect(talk.said.slice(1)).toEqual([
      '{"id":7,"result":"assay/1.0","error":null}',
      '{"id":8,"result":"pong","error":null}',
      '{"id":9,"result":null,"error":[20,"Unknown method",null]}',
    ]);
    expect(talk.of('message')).toEqual([{ type: 'message', text: 'hello there' }]);
  });

  it('fails on an account that is refused, and on too little room', () => {
    const refused = new Talk().hears(
      { id: 2, result: [[], '00', 8], error: null },
      { id: 3, result: false, error: [24, 'Unauthorized worker', null] },
    );
    expect(refused.of('failed')).toEqual([
      { type: 'failed', reason: 'the pool refuses the user farm: 24 Unauthorized worker' },
    ]);
    const narrow = new Talk().hears({ id: 2, result: [[], '00', 2], error: null });
    expect(narrow.of('failed')[0]!.reason).toContain('leaves 2 bytes of extranonce2, and 4 are needed');
  });

  it('answers for other accounts by themselves', () => {
    const talk = new Talk().ready();
    talk.client.authorize('farm.a');
    talk.client.authorize('farm.b');
    talk.hears({ id: 5, result: true, error: null }, { id: 6, result: false, error: [24, 'no', null] });
    expect(talk.of('account').map(({ account, allowed }) => [account, allowed])).toEqual([
      ['farm.a', true],
      ['farm.b', false],
    ]);
  });

  const params = (at: number, value: unknown): unknown => ({
    id: null,
    method: 'mining.notify',
    params: SLUSH_JOB.map((given, index) => (index === at ? value : given)),
  });
  const difficulty = (value: unknown): unknown => ({ id: null, method: 'mining.set_difficulty', params: [value] });
  const extranonce = (...values: unknown[]): unknown => ({ id: null, method: 'mining.set_extranonce', params: values });
  it.each([
    ['not a message', 'GET / HTTP/1.1'],
    ['not a message', '[1,2]'],
    ['not a message', '{"id":1'],
    ['answer to nothing', { id: 77, result: true }],
    ['answer to nothing', { id: null, result: true }],
    ['line too long', 'x'.repeat(65_537)],
    ['bad job', { id: null, method: 'mining.notify', params: ['1'] }],
    ['bad job id', params(0, null)],
    ['bad job id', params(0, { a: 1 })],
    ['bad job id', params(0, 'x'.repeat(257))],
    ['bad job', params(1, '00')],
    ['bad job', params(2, 'zz')],
    ['oversized coinbase', params(2, '00'.repeat(16_384))],
    ['too many branches', params(4, Array(15).fill('00'.repeat(32)))],
    ['bad job', params(4, ['00'])],
    ['bad job', params(4, 'none')],
    ['bad job', params(5, '123456789')],
    ['bad job', params(6, '00000000')],
    ['bad job', params(7, '')],
    ['bad difficulty', difficulty(0)],
    ['bad difficulty', difficulty(-1)],
    ['bad difficulty', difficulty('NaN')],
    ['bad difficulty', difficulty(null)],
    ['bad difficulty', difficulty(1e300)],
    ['bad difficulty', difficulty(1e-12)],
    ['bad extranonce', extranonce('00', 0)],
    ['bad extranonce', extranonce('00', 17)],
    ['bad extranonce', extranonce('00'.repeat(17), 8)],
    ['bad extranonce', extranonce('0', 8)],
    ['bad version mask', { id: null, method: 'mining.set_version_mask', params: [5] }],
    ['refused redirect', { id: null, method: 'client.reconnect', params: ['evil.example', 3333, 0] }],
    ['bad redirect', { id: null, method: 'client.reconnect', params: ['eu.pool.example', 99_999, 0] }],
  ])('counts %s and goes on: %j', (problem, line) => {
    const talk = new Talk().ready().hears(notify('1')).hears(line);
    expect(talk.of('problem').map((effect) => effect.problem)).toEqual([problem]);
    expect(talk.of('failed')).toEqual([]);
    talk.hears(notify('2'));
    expect(talk.jobs.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('ends when nothing but nonsense comes, and not before', () => {
    const talk = new Talk().ready();
    for (let i = 0; i < 32; i++) talk.hears('nonsense');
    expect(talk.of('failed')).toEqual([]);
    talk.hears(notify('1'));
    for (let i = 0; i < 33; i++) talk.hears('nonsense');
    expect(talk.of('failed')).toHaveLength(1);
  });

  it('takes no more requests than it can remember', () => {
    const talk = new Talk().ready();
    let taken = 0;
    while (talk.client.authorize(`farm.${taken}`) !== undefined) taken++;
    expect(taken + 1).toBe(16_384);
    expect(talk.client.unanswered).toBe(16_384);
  });
});

describe('redirects', () => {
  it.each([
    ['eu.pool.example', 'eu.pool.example', true],
    ['us.pool.example', 'eu.pool.example', true],
    ['a.b.pool.example', 'eu.pool.example', true],
    ['pool.example', 'pool.example', true],
    ['x.pool.example', 'pool.example', true],
    ['evil.example', 'pool.example', false],
    ['evilpool.example', 'eu.pool.example', false],
    ['evil.co.uk', 'pool.co.uk', false],
    ['eu.pool.co.uk', 'pool.co.uk', true],
    ['10.0.0.2', '10.0.0.1', false],
    ['10.0.0.1', '10.0.0.1', true],
    ['evil.0.0.1', '10.0.0.1', false],
    ['10.0.0.1', 'eu.pool.example', false],
    ['fe80::2', 'fe80::1', false],
  ])('to %s from %s: %s', (host, own, allowed) => {
    expect(isOwnHost(host, own)).toBe(allowed);
  });

  it.each([
    [[], { host: 'eu.pool.example', port: 3333, waitSeconds: 0 }],
    [['', '', 5], { host: 'eu.pool.example', port: 3333, waitSeconds: 5 }],
    [['EU.pool.example', '4444', '900'], { host: 'eu.pool.example', port: 4444, waitSeconds: 60 }],
    [['eu.pool.example', 0], 'bad redirect'],
    [['eu.pool.example', 3333, -1], 'bad redirect'],
    [['eu.pool.example\n', 3333], 'bad redirect'],
    [[5, 3333], 'bad redirect'],
    [['other.example', 3333], 'refused redirect'],
  ])('%j means %j', (given, expected) => {
    expect(readRedirect(given, { host: 'eu.pool.example', port: 3333 })).toEqual(expected);
  });
});
