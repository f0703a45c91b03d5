// The tool on a log in memory: what it shows, what it puts back, and that it does so once, wherever a replay was cut off.
import { describe, expect, it, beforeEach } from 'vitest';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { deadLetter, LogError, TOPIC, topicSpecs, type EventLog, type LogRecord } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { encodeSubmitted, ShareColumnsBuilder } from '@assay/share-block';
import { Journal } from './journal.ts';
import { parseCommand, UsageError } from './options.ts';
import { runCommand } from './run-command.ts';

const ALL = { maxRecords: 1_000, maxBytes: 2 ** 30, waitMs: 0 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function block(worker: string): Uint8Array {
  const builder = new ShareColumnsBuilder('gw-1', { capacity: 1, maxJobBytes: 1e6 });
  builder.append({
    submittedAtUs: 1_780_000_001_000_000,
    tenant: 'acme',
    worker,
    job: undefined,
    extranonce1: Uint8Array.of(1),
    extranonce2: Uint8Array.of(2),
    ntime: 3,
    nonce: 0xdeadbeef,
    versionBits: 0,
    versionMask: 0,
    difficulty: 1,
    rejectCode: 0,
  });
  return encodeSubmitted(builder.build());
}

let log: EventLog;

beforeEach(async () => {
  log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(2));
});

async function setAside(
  topic: string,
  partition: number,
  offset: number,
  record: LogRecord,
  reason = 'unknown_schema',
  message = 'nobody can read it',
): Promise<void> {
  await log.append(TOPIC.sharesDead, [
    deadLetter(topic, partition, { offset, timestampUs: 0, ...record }, reason, message),
  ]);
}

async function run(line: string, on = log): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const status = await runCommand(parseCommand(line.split(' ')), on, (text) => lines.push(text));
  return { status, lines };
}

const on = (topic: string, partition: number) => log.readFrom(topic, partition, 0, ALL);

describe('list', () => {
  it('shows each record that was set aside once, with its place, time, reason, size, state and message', async () => {
    for (let n = 0; n < 2; n++) await setAside(TOPIC.sharesSubmitted, 1, 7, { value: bytes('one') });
    await setAside(TOPIC.workerEvents, 0, 3, { value: bytes('{') }, 'not_json', 'forged\u001b[2J\nline');
    const { status, lines } = await run('list');
    expect(status).toBe(0);
    expect(lines.map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME'))).toEqual([
      'shares.submitted:1:7  TIME  unknown_schema  3 bytes  dead  nobody can read it',
      'worker.events:0:3  TIME  not_json  1 bytes  dead  forged\\x1b[2J\\x0aline',
    ]);
    expect((await run('list --reason not_json')).lines).toHaveLength(1);
    expect((await run('list --limit 1')).lines).toEqual([
      expect.stringContaining('worker.events:0:3'),
      '1 earlier ones are not shown (--limit)',
    ]);
    expect(await run('list --reason other')).toEqual({ status: 1, lines: ['no letters with reason other'] });
  });
});

describe('show', () => {
  it('prints headers and the shares of a block that decodes', async () => {
    const record = { key: 'gw', value: block('acme.north.m1'), headers: { trace: 'x\u0007' } };
    await setAside(TOPIC.sharesSubmitted, 0, 5, record);
    const { lines } = await run('show shares.submitted:0:5');
    const text = lines.join('\n');
    expect(text).toContain('header   trace: x\\x07');
    expect(text).toContain('this version can read it: 1 shares of gateway gw-1, 0 jobs');
    expect(text).toMatch(/2026-05-\S+Z acme acme\.north\.m1 job=none .* nonce=deadbeef .* gateway=accepted/);
  });

  it('prints where decoding fails, and the bytes', async () => {
    await setAside(TOPIC.sharesSubmitted, 0, 5, { value: block('acme.north.m1').subarray(0, 2_000) });
    const { lines } = await run('show shares.submitted:0:5 --bytes 32');
    expect(lines).toContainEqual(expect.stringMatching(/^this version cannot read it \(malformed\): /));
    expect(lines.slice(-3)).toEqual([
      expect.stringMatching(/^00000000 {2}ff ff ff ff /),
      expect.stringMatching(/^00000010 {2}/),
      expect.stringMatching(/^\.\.\. \d+ more bytes$/),
    ]);
    expect((await run('show shares.submitted:0:6')).status).toBe(1);
  });
});

describe('replay', () => {
  it('puts a record back as it was, on the partition it came from, once', async () => {
    await setAside(TOPIC.sharesSubmitted, 1, 7, { key: 'gw', value: bytes('one'), headers: { trace: 'x' } });
    expect((await run('replay shares.submitted:1:7 --dry-run')).lines).toEqual([
      'shares.submitted:1:7 would be put back on shares.submitted:1',
    ]);
    expect(await on(TOPIC.sharesSubmitted, 1)).toEqual([]);
    expect(await run('replay shares.submitted:1:7')).toEqual({
      status: 0,
      lines: ['shares.submitted:1:7 put back as shares.submitted:1:0'],
    });
    const back = { key: 'gw', value: bytes('one'), headers: { trace: 'x', 'replayed-from': 'shares.submitted:1:7' } };
    expect(await on(TOPIC.sharesSubmitted, 1)).toEqual([expect.objectContaining(back)]);

    const { status, lines } = await run('replay shares.submitted:1:7');
    expect([status, lines[0]]).toEqual([1, expect.stringContaining('is left: it was put back at offset 0 already')]);
    expect(await on(TOPIC.sharesSubmitted, 1)).toHaveLength(1);
    expect((await run('list')).lines[0]).toContain('replayed, to offset 0');
    await run('replay shares.submitted:1:7 --again');
    expect(await on(TOPIC.sharesSubmitted, 1)).toHaveLength(2);
  });

  it('takes the source off a verified record, whose mark the aggregator has passed', async () => {
    await setAside(TOPIC.sharesVerified, 0, 2, { value: bytes('v'), headers: { source: '0:9' } });
    await run('replay --reason unknown_schema');
    const [record] = await on(TOPIC.sharesVerified, 0);
    expect(record!.headers).toEqual({ 'replayed-from': 'shares.verified:0:2' });
  });

  it('puts the same bytes back once, though a gateway had appended them twice', async () => {
    await setAside(TOPIC.sharesSubmitted, 0, 1, { value: bytes('same') });
    await setAside(TOPIC.sharesSubmitted, 1, 4, { value: bytes('same') });
    const { status, lines } = await run('replay --reason unknown_schema');
    expect([status, lines[1]]).toEqual([
      1,
      expect.stringContaining('the same bytes, set aside from shares.submitted:0:1'),
    ]);
    expect(await on(TOPIC.sharesSubmitted, 1)).toEqual([]);
  });

  it('leaves what is not whole, of no topic of ours, or of a partition that is gone', async () => {
    await setAside(TOPIC.sharesSubmitted, 0, 1, { value: new Uint8Array(2 ** 20 + 1) });
    await setAside(TOPIC.control, 0, 1, { value: bytes('c') });
    await setAside(TOPIC.sharesSubmitted, 9, 1, { value: bytes('p') });
    await setAside(TOPIC.sharesSubmitted, 0, 2, { value: bytes('frame') }, 'corrupt');
    for (const [origin, why] of [
      ['shares.submitted:0:1', 'only the first 1048576 of its 1048577 bytes were kept'],
      ['control:0:1', 'it holds no record that could be put back on control'],
      ['shares.submitted:9:1', 'shares.submitted has no partition 9 any more'],
      ['shares.submitted:0:2', 'it holds no record that could be put back'],
    ])
      expect(await run(`replay ${origin} --again`)).toEqual({
        status: 1,
        lines: [expect.stringContaining(`${origin} is left: ${why}`)],
      });
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'that was cut off at write %i, before or after it took effect, is finished by the next',
    async (cut) => {
      await setAside(TOPIC.sharesSubmitted, 0, 1, { value: bytes('one') });
      let writes = 0;
      const failing = Object.assign(Object.create(log) as EventLog, {
        partitions: log.partitions.bind(log),
        bounds: log.bounds.bind(log),
        readFrom: log.readFrom.bind(log),
        join: log.join.bind(log),
        append: async (...args: Parameters<EventLog['append']>) => {
          const write = writes++;
          if (2 * write === cut) throw new LogError('unavailable', 'cut off', { retriable: true });
          const appended = await log.append(...args);
          if (2 * write + 1 === cut) throw new LogError('unavailable', 'cut off', { retriable: true });
          return appended;
        },
      });
      await expect(run('replay shares.submitted:0:1', failing)).rejects.toThrow('cut off');
      // Others append meanwhile.
      await log.append(TOPIC.sharesSubmitted, [{ value: bytes('one') }], 0);
      const { lines } = await run('replay shares.submitted:0:1');
      expect(lines[0]).toMatch(/put back (already|as shares\.submitted:0:\d)|it was put back at offset \d already/);
      const back = (await on(TOPIC.sharesSubmitted, 0)).filter(
        ({ headers }) => headers?.['replayed-from'] !== undefined,
      );
      expect(back).toHaveLength(1);
      const [letter] = (await Journal.read(log)).letters;
      expect(letter!.state).toEqual({ kind: 'replayed', at: back[0]!.offset });
    },
  );

  it('by two at once puts a record back once', async () => {
    await setAside(TOPIC.sharesSubmitted, 0, 1, { value: bytes('one') });
    const outcomes = await Promise.all([run('replay shares.submitted:0:1'), run('replay shares.submitted:0:1')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual([0, 1]);
    expect(await on(TOPIC.sharesSubmitted, 0)).toHaveLength(1);
  });
});

describe('the command line', () => {
  it('is refused with a sentence when it makes no sense', () => {
    for (const line of [
      'lst',
      'list --limit many',
      'list --again',
      'list more',
      'show',
      'show shares.submitted:0',
      'show a:0:1 b:0:2',
      'replay',
      'replay a:0:1 --reason r',
      'replay --what',
    ])
      expect(() => parseCommand(line.split(' ')), line).toThrow(UsageError);
    expect(parseCommand([])).toEqual({ kind: 'help' });
    expect(parseCommand(['replay', '--help'])).toEqual({ kind: 'help' });
  });
});
