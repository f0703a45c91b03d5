import { describe, expect, it } from 'vitest';
import { LogError, TOPIC, type EventLog, type LogRecord } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { silentLogger } from '@assay/platform';
import type { UpstreamRecord } from '@assay/share-block';
import { GatewayTallies } from '../gateway-tallies.ts';
import { eventually } from '../testing/fixture.ts';
import { memoryLog } from '../testing/test-gateway.ts';
import { UpstreamRecordLog } from './upstream-record-log.ts';
import { WorkerEventLog } from './worker-event-log.ts';

const event = (atUs: number) => ({ type: 'gateway_started', atUs, gateway: 'g' }) as const;

const job = (atUs: number): UpstreamRecord => ({
  type: 'job',
  atUs,
  gateway: 'g',
  source: 'pool',
  endpoint: 'pool.example:3333',
  jobHash: '',
  upstreamJobId: '',
  upstreamDifficulty: 1,
});

async function times(log: EventLog, topic: string = TOPIC.workerEvents): Promise<number[]> {
  const out: number[] = [];
  for (let partition = 0; partition < (await log.partitions(topic)); partition++) {
    const records = await log.readFrom(topic, partition, 0, { maxRecords: 1e6, maxBytes: 1e9, waitMs: 0 });
    out.push(...records.map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as { atUs: number }).atUs));
  }
  return out;
}

describe('JsonLog', () => {
  it('keeps the order of events over many appends, and loses none at the stop', async () => {
    const log = await memoryLog(systemClock);
    const events = new WorkerEventLog(log, 'g', 10_000, silentLogger, new GatewayTallies());
    const expected = Array.from({ length: 1700 }, (_, i) => i);
    for (const at of expected) events.add(event(at));
    await events.stop();
    expect(await times(log)).toEqual(expected);
    expect(events.pending).toBe(0);
  });

  it('tries again while the log is away, and drops and counts new events at its bound', async () => {
    const inner = await memoryLog(systemClock);
    let away = true;
    let attempts = 0;
    const append = (topic: string, records: readonly LogRecord[]): ReturnType<EventLog['append']> => {
      attempts++;
      return away
        ? Promise.reject(new LogError('unavailable', 'away', { retriable: true }))
        : inner.append(topic, records);
    };
    const tallies = new GatewayTallies();
    const events = new WorkerEventLog({ append } as unknown as EventLog, 'g', 3, silentLogger, tallies);
    for (let at = 0; at < 5; at++) events.add(event(at));
    expect(tallies.droppedEvents).toBe(2);
    await eventually(() => attempts > 0, 'an attempt');
    away = false;
    await eventually(() => events.pending === 0, 'the events to be appended');
    events.add(event(5));
    await events.stop();
    expect(await times(inner)).toEqual([0, 1, 2, 5]);
  });

  it('counts as dropped what the log does not take at the stop, and keeps upstream records on a topic of their own', async () => {
    const inner = await memoryLog(systemClock);
    let left = 1;
    const append = (topic: string, records: readonly LogRecord[]): ReturnType<EventLog['append']> =>
      left-- > 0
        ? inner.append(topic, records)
        : Promise.reject(new LogError('unavailable', 'away', { retriable: true }));
    const tallies = new GatewayTallies();
    const records = new UpstreamRecordLog({ append } as unknown as EventLog, 'g', 10_000, silentLogger, tallies);
    for (let at = 0; at < 520; at++) records.add(job(at));
    await records.stop();
    expect(await times(inner, TOPIC.upstreamShares)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(tallies.droppedUpstreamRecords).toBe(20);
    expect(tallies.droppedEvents).toBe(0);
  });
});
