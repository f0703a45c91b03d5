import { openMemoryEventLog } from '@assay/adapter-memory';
import { LogError, TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { silentLogger } from '@assay/platform';
import type { GatewayDisagreement } from '@assay/tenancy';
import { expect, it, onTestFinished, vi } from 'vitest';
import { IntegrityReports } from './integrity-reports.ts';

const START_US = 1_780_000_000e6;
const WAIT = { timeout: 10_000, interval: 10 };

let nowUs = START_US;
const clock = { nowUs: () => nowUs };

async function begin(): Promise<{ log: EventLog; told: () => Promise<GatewayDisagreement[]> }> {
  nowUs = START_US;
  const log = openMemoryEventLog({ clock });
  onTestFinished(() => log.close());
  await log.ensureTopics(topicSpecs(1));
  const told = async (): Promise<GatewayDisagreement[]> => {
    const read = { maxRecords: 1000, maxBytes: 1e6, waitMs: 0 };
    const records = await log.readFrom(TOPIC.workerEvents, 0, 0, read);
    return records.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as GatewayDisagreement);
  };
  return { log, told };
}

const event = (gateway: string, reason: string, accepted: number, rejected: number, atUs = START_US) => ({
  type: 'integrity',
  atUs,
  gateway,
  reason,
  accepted,
  rejected,
});

it('tells of each gateway and reason at once, then at most once a minute, and at the stop what is left', async () => {
  const { log, told } = await begin();
  const reports = new IntegrityReports(log, clock, silentLogger);
  for (let i = 0; i < 3; i++) reports.note('g1', 'unproven', true);
  reports.note('g1', 'refuted_stale', false);
  reports.note('g2', 'unproven', true);
  const first = [event('g1', 'unproven', 3, 0), event('g1', 'refuted_stale', 0, 1), event('g2', 'unproven', 1, 0)];
  await vi.waitFor(async () => expect(await told()).toEqual(first), WAIT);

  nowUs += 59e6;
  for (let i = 0; i < 5; i++) reports.note('g1', 'unproven', true);
  // Another is told at once: so the first has had its turn, and was not told of.
  reports.note('g3', 'duplicate', true);
  await vi.waitFor(async () => expect(await told()).toContainEqual(event('g3', 'duplicate', 1, 0, nowUs)), WAIT);
  expect(await told()).toHaveLength(4);

  nowUs += 1e6;
  await vi.waitFor(async () => expect((await told()).at(-1)).toEqual(event('g1', 'unproven', 5, 0, nowUs)), WAIT);
  reports.note('g2', 'unproven', true);
  reports.note('g1', 'unproven', true);
  await reports.stop();
  expect((await told()).slice(5).map(({ gateway, accepted }) => [gateway, accepted])).toEqual([
    ['g1', 1],
    ['g2', 1],
  ]);
});

it('tells later, and of all of them, what the log does not take now', async () => {
  const { log, told } = await begin();
  let away = true;
  let attempts = 0;
  const append: EventLog['append'] = (...args) => {
    attempts++;
    return away ? Promise.reject(new LogError('unavailable', 'away', { retriable: true })) : log.append(...args);
  };
  const reports = new IntegrityReports({ append }, clock, silentLogger);
  reports.note('g1', 'unproven', true);
  await vi.waitFor(() => expect(attempts).toBeGreaterThan(0), WAIT);
  reports.note('g1', 'unproven', true);
  away = false;
  await vi.waitFor(async () => expect(await told()).toEqual([event('g1', 'unproven', 2, 0)]), WAIT);
  await reports.stop();
  expect(await told()).toHaveLength(1);
});
