// A sampled record's trace goes on with its verified record; whatever else stands in that header changes nothing.
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import {
  noTracer,
  parseSettings,
  Registry,
  silentLogger,
  type Span,
  type TraceParent,
  type Tracer,
} from '@assay/platform';
import { encodeSubmitted, parseSourceHeader, ShareColumnsBuilder } from '@assay/share-block';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { validatorSettings } from './config.ts';
import { easyJob, mine } from './testing/mine-shares.ts';
import { startValidator } from './validator.ts';

const SAMPLED = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const HOSTILE = [
  '',
  'x',
  SAMPLED.toUpperCase(),
  `${SAMPLED}-more`,
  SAMPLED.replace(/01$/, '00'),
  'y'.repeat(30_000),
  '00-\u0000',
];
const ALL = { maxRecords: 100, maxBytes: 1e8, waitMs: 0 };

let log: EventLog;
beforeEach(async () => {
  log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(1));
});
afterEach(() => log.close());

async function prove(tracer: Tracer, headers: readonly (string | undefined)[]): Promise<(string | undefined)[]> {
  const builder = new ShareColumnsBuilder('gw', { capacity: 1, maxJobBytes: 1e6 });
  builder.append(mine(easyJob(1), { nonce: 0, worker: 'acme.a' }, true));
  const value = encodeSubmitted(builder.build());
  for (const traceparent of headers)
    await log.append(
      TOPIC.sharesSubmitted,
      [{ value, ...(traceparent === undefined ? {} : { headers: { traceparent } }) }],
      0,
    );
  const config = parseSettings(validatorSettings, {});
  const validator = await startValidator(config, {
    log,
    logger: silentLogger,
    registry: new Registry(),
    clock: systemClock,
    tracer,
  });
  const read = (): ReturnType<EventLog['readFrom']> => log.readFrom(TOPIC.sharesVerified, 0, 0, ALL);
  await vi.waitFor(async () => expect(await read()).toHaveLength(headers.length), { timeout: 20_000 });
  await validator.stop();
  expect(await log.readFrom(TOPIC.sharesDead, 0, 0, ALL)).toEqual([]);
  return (await read()).map((record, offset) => {
    expect(parseSourceHeader(record.headers)).toEqual({ partition: 0, offset });
    return record.headers!['traceparent'];
  });
}

it('hands a trace on as it came when it sends none itself, and drops what is no trace', async () => {
  expect(await prove(noTracer, [SAMPLED, undefined, ...HOSTILE])).toEqual([
    SAMPLED,
    undefined,
    ...HOSTILE.map(() => undefined),
  ]);
});

it('goes on with a trace by a span of its own, which ends when the position has moved on', async () => {
  const own = SAMPLED.replace('00f067aa0ba902b7', 'aaaaaaaaaaaaaaaa') as TraceParent;
  const followed: unknown[] = [];
  const ends: unknown[] = [];
  const span: Span = { parent: own, set: () => undefined, child: () => span, end: (error) => ends.push(error) };
  const tracer: Tracer = { ...noTracer, follow: (name, parents) => (followed.push([name, parents]), span) };
  expect(await prove(tracer, [SAMPLED, undefined, ...HOSTILE])).toEqual([
    own,
    undefined,
    ...HOSTILE.map(() => undefined),
  ]);
  expect(followed).toEqual([['validator block', [SAMPLED]]]);
  expect(ends).toEqual([undefined]);
});
