// Retention may be faster than a validator that was away: what it removed unread cannot be judged, and must not go unnoticed.
import { expect, test, vi } from 'vitest';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { systemClock } from '@assay/kernel';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { encodeSubmitted, ShareColumnsBuilder } from '@assay/share-block';
import { validatorSettings } from './config.ts';
import { easyJob, mine } from './testing/mine-shares.ts';
import { startValidator, VALIDATOR_GROUP } from './validator.ts';

const RECORDS = 10;

function blockBytes(nonce: number): Uint8Array {
  const builder = new ShareColumnsBuilder('gw-1', { capacity: 1, maxJobBytes: 1e9 });
  builder.append(mine(easyJob(1), { nonce }));
  return encodeSubmitted(builder.build());
}

test('submitted records that retention removed unread are counted', async () => {
  const block = blockBytes(0);
  const log = openMemoryEventLog({ clock: systemClock });
  const specs = topicSpecs(1).map((spec) =>
    spec.name === TOPIC.sharesSubmitted ? { ...spec, retentionBytes: 3.5 * block.length } : spec,
  );
  await log.ensureTopics(specs);
  for (let n = 0; n < RECORDS; n++) await log.append(TOPIC.sharesSubmitted, [{ value: block }], 0);
  const all = { maxRecords: 100, maxBytes: 1e9, waitMs: 0 };
  const kept = await log.readFrom(TOPIC.sharesSubmitted, 0, 0, all);
  const removed = kept[0]!.offset;
  expect(removed).toBeGreaterThan(0);

  const registry = new Registry();
  const validator = await startValidator(parseSettings(validatorSettings, {}), {
    log,
    logger: silentLogger,
    registry,
    clock: systemClock,
  });
  await vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0));
  await validator.stop();
  expect(await log.readFrom(TOPIC.sharesVerified, 0, 0, all)).toHaveLength(RECORDS - removed);
  const { values } = await registry.getSingleMetric('assay_validator_expired_records_total')!.get();
  expect(values[0]!.value).toBe(removed);
  await log.close();
});
