import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '@assay/platform';
import { eventually, gatewayFixture } from '../testing/fixture.ts';
import { ConnectionList } from '../miners/connection-list.ts';
import { Ceilings } from './ceilings.ts';
import { descriptorLimit, memoryThereIs, ownMemoryBytes } from './process-limits.ts';

const settings = { maxConnections: 20_000, maxBufferedBytes: 2 ** 28, maxMemoryMb: 100 };
const nobody = new ConnectionList();

describe('the limits of the process', () => {
  it('are read as Linux writes them, and unknown elsewhere', () => {
    const limits =
      'Limit   Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n';
    expect(descriptorLimit(() => limits)).toBe(1024);
    expect(
      descriptorLimit(() => 'Max open files            unlimited            unlimited            files\n'),
    ).toBeUndefined();
    const away = (): string => {
      throw new Error('ENOENT');
    };
    expect(descriptorLimit(away)).toBeUndefined();
    expect(ownMemoryBytes(() => 'VmRSS:	 9000 kB\nRssAnon:	    5000 kB\n')).toBe(5000 * 1024);
    expect(ownMemoryBytes(away)).toBeGreaterThan(10_000_000);
    // Measured on a process that had no file descriptor left.
    expect(ownMemoryBytes(away, away as () => never)).toBeUndefined();
    expect(memoryThereIs()).toBeGreaterThan(ownMemoryBytes()!);
  });

  it('cap the connections, in a sentence that says so', () => {
    const lines: string[] = [];
    const logger = pino({ base: {} }, { write: (line: string) => void lines.push(line) });
    const memoryBytes = (): number => 0;
    expect(new Ceilings(settings, logger, { descriptors: 4096, memoryBytes }).maxConnections).toBe(3584);
    expect(JSON.parse(lines[0]!)).toMatchObject({ descriptors: 4096, asked: 20_000, connections: 3584 });
    expect(lines[0]).toContain('at most 3584 connections are taken, not the 20000 of ASSAY_MAX_CONNECTIONS');
    expect(new Ceilings(settings, logger, { descriptors: 100, memoryBytes }).maxConnections).toBe(50);
    for (const descriptors of [undefined, 1_048_576])
      expect(new Ceilings(settings, logger, { descriptors, memoryBytes }).maxConnections).toBe(20_000);
    expect(lines).toHaveLength(2);
  });

  it('of memory refuse above, and take again only somewhat below', () => {
    let megabytes: number | undefined = 99;
    const memoryBytes = (): number | undefined => (megabytes === undefined ? undefined : megabytes * 2 ** 20);
    const ceilings = new Ceilings(settings, silentLogger, { descriptors: undefined, memoryBytes });
    const refusalAt = (value: number | undefined): string | undefined => {
      megabytes = value;
      ceilings.look(nobody);
      return ceilings.refusal;
    };
    expect([99, 101, 99, 96, 94, 99].map(refusalAt)).toEqual([
      undefined,
      'memory_full',
      'memory_full',
      'memory_full',
      undefined,
      undefined,
    ]);
    // What it was last, while it cannot be read.
    expect([101, undefined, 94, undefined].map(refusalAt)).toEqual([
      'memory_full',
      'memory_full',
      undefined,
      undefined,
    ]);
    refusalAt(101);
    expect(ceilings.state).toBe(
      'takes no new connections: the process has 101 MiB of memory, more than 100 (ASSAY_MAX_MEMORY_MB)',
    );
  });
});

describe('a gateway at its ceiling', () => {
  const gateway = gatewayFixture();
  const closes = () => gateway.running.gateway.tallies.closes;

  it('of memory serves those it has, takes nobody new, and says so', async () => {
    // Far below what any process has: refused from the first look on.
    await gateway.start({ maxMemoryMb: 1 });
    const miner = await gateway.ready();
    await eventually(async () => !(await gateway.running.gateway.ready()).ready, 'the first look');
    const late = await gateway.connect();
    await late.until(() => late.closed, 'the refusal');
    await eventually(() => closes().memory_full === 1, 'the count');
    expect((await miner.call('mining.ping', [])).result).toBe('pong');
    expect((await gateway.running.gateway.ready()).checks['gateway']).toMatch(
      /^takes no new connections: the process has/,
    );
  });

  it('of buffers closes those that hold most, and nobody else', async () => {
    await gateway.start({ maxBufferedBytes: 1_048_576, maxOutboundBytes: 67_108_864, submitsPerSecond: 1e6 });
    const [good, deaf] = [await gateway.ready(), await gateway.connect()];
    good.send('{"id":5,');
    deaf.socket.pause();
    const request = `{"id":"${'i'.repeat(120)}","method":"mining.ping","params":[]}\n`.repeat(2000);
    await eventually(() => {
      if (!deaf.socket.destroyed && deaf.socket.writableLength < 4_000_000) deaf.send(request);
      return closes().buffers_full === 1;
    }, 'the close');
    good.send('"method":"mining.ping","params":[]}\n');
    expect(await good.reply(5)).toMatchObject({ result: 'pong' });
    expect((await gateway.ready()).closed).toBe(false);
  });
});
