// A slow log must not make a validator pile up what it has read: it reads again only when what it read is durable.
import { expect, test, vi } from 'vitest';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog, type PartitionSession } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { encodeSubmitted, ShareColumnsBuilder } from '@assay/share-block';
import { validatorSettings } from './config.ts';
import { easyJob, mine } from './testing/mine-shares.ts';
import { startValidator, VALIDATOR_GROUP } from './validator.ts';

const PARTITIONS = 2;
const BACKLOG = 600;
const CONFIG = { ...parseSettings(validatorSettings, {}), readRecords: 50, readBytes: 20_000 };

function blockBytes(): Uint8Array {
  const builder = new ShareColumnsBuilder('gw-1', { capacity: 1, maxJobBytes: 1e9 });
  builder.append(mine(easyJob(1)));
  return encodeSubmitted(builder.build());
}

/** The session, telling of every record handed out and every position committed. */
function observed(
  session: PartitionSession,
  handedOut: (bytes: number) => void,
  committed: () => void,
): PartitionSession {
  return {
    topic: session.topic,
    partition: session.partition,
    signal: session.signal,
    committed: () => session.committed(),
    bounds: () => session.bounds(),
    read: async (offset, limits) => {
      const records = await session.read(offset, limits);
      handedOut(records.reduce((bytes, { value }) => bytes + value.length, 0));
      return records;
    },
    commit: async (position) => {
      await session.commit(position);
      committed();
    },
  };
}

test('a validator whose log is slow holds what one read brings, however large the backlog', async () => {
  const block = blockBytes();
  const log = openMemoryEventLog({ clock: systemClock });
  await log.ensureTopics(topicSpecs(PARTITIONS));
  const submit = (partition: number) => log.append(TOPIC.sharesSubmitted, [{ value: block }], partition);
  for (let n = 0; n < BACKLOG; n++) await submit(n % PARTITIONS);
  expect(BACKLOG * block.length).toBeGreaterThan(10 * PARTITIONS * CONFIG.readBytes);

  let held = 0;
  let mostHeld = 0;
  let reads = 0;
  let stuck = 0;
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const slow: Pick<EventLog, 'append' | 'join'> = {
    append: async (topic, records, partition) => {
      if (topic === TOPIC.sharesVerified) {
        stuck++;
        await opened;
      }
      return log.append(topic, records, partition);
    },
    join: (group, topics, handle, onError) => {
      const serve = (session: PartitionSession): Promise<void> => {
        let mine = 0;
        const handedOut = (bytes: number): void => {
          if (bytes > 0) reads++;
          mine += bytes;
          held += bytes;
          mostHeld = Math.max(mostHeld, held);
        };
        const committed = (): void => {
          held -= mine;
          mine = 0;
        };
        return handle(observed(session, handedOut, committed));
      };
      return log.join(group, topics, serve, onError);
    },
  };
  const validator = await startValidator(CONFIG, {
    log: Object.assign(Object.create(log) as EventLog, slow, {
      readFrom: log.readFrom.bind(log),
      partitions: log.partitions.bind(log),
    }),
    logger: silentLogger,
    registry: new Registry(),
    clock: systemClock,
  });
  await vi.waitFor(() => expect(stuck).toBe(PARTITIONS));
  // More comes, and wakes whoever would read.
  for (let n = 0; n < 100; n++) await submit(n % PARTITIONS);
  expect([reads, stuck]).toEqual([PARTITIONS, PARTITIONS]);
  open();
  await vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), {
    timeout: 20_000,
  });
  expect(mostHeld).toBeLessThanOrEqual(PARTITIONS * CONFIG.readBytes);
  expect(mostHeld).toBeGreaterThan(0);
  await validator.stop();
  await log.close();
});
