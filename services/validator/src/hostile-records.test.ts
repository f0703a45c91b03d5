// Whatever somebody puts into shares.submitted or shares.verified, good blocks before and after it are judged, nothing disappears, and
// the validator neither stops nor starts again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbEventLog } from '@assay/adapter-lmdb';
import { openMemoryEventLog } from '@assay/adapter-memory';
import { openLetter, TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { REJECT_CODE } from '@assay/mining';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { decodeVerified, encodeSubmitted, encodeVerified, ShareColumnsBuilder, sourceHeader } from '@assay/share-block';
// eslint-disable-next-line @nx/enforce-module-boundaries -- hostile records, in tests only
import { hostileRecords } from '@assay/sim';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { validatorSettings } from './config.ts';
import { easyJob, mine } from './testing/mine-shares.ts';
import { startValidator, VALIDATOR_GROUP } from './validator.ts';

/** Of a larger record its beginning is kept; one of these is. */
const KEPT_BYTES = 2 ** 20;
const ALL = { maxRecords: 1_000, maxBytes: 2 ** 30, waitMs: 0 };

function blockBytes(nonce: number): Uint8Array {
  const builder = new ShareColumnsBuilder('gw-1', { capacity: 1, maxJobBytes: 1e6 });
  builder.append(mine(easyJob(1), { nonce }));
  return encodeSubmitted(builder.build());
}

describe.each([
  ['in memory', async () => openMemoryEventLog({ clock: systemClock })],
  ['on disk', (dir: string) => openLmdbEventLog({ dir, clock: systemClock })],
] as [string, (dir: string) => Promise<EventLog>][])('on a log %s', (_name, open) => {
  let dir: string;
  let log: EventLog;
  let registry: Registry;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'assay-hostile-'));
    log = await open(dir);
    await log.ensureTopics(topicSpecs(1));
  });
  afterEach(async () => {
    await log.close();
    await rm(dir, { recursive: true });
  });

  async function validate(): Promise<void> {
    registry = new Registry();
    const validator = await startValidator(parseSettings(validatorSettings, {}), {
      log,
      logger: silentLogger,
      registry,
      clock: systemClock,
    });
    await vi.waitFor(async () => expect(await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)).toBe(0), {
      timeout: 20_000,
      interval: 5,
    });
    expect((await validator.ready()).ready).toBe(true);
    await validator.stop();
  }

  it('sets each hostile record aside, with its reason, and judges what is good around it', async () => {
    const hostile = hostileRecords(blockBytes(0), new Random(5));
    let nonce = 0;
    for (const { record } of hostile) {
      await log.append(TOPIC.sharesSubmitted, [{ value: blockBytes((nonce += 1_000_000)) }], 0);
      await log.append(TOPIC.sharesSubmitted, [record], 0);
    }
    await validate();

    const verified = await log.readFrom(TOPIC.sharesVerified, 0, 0, ALL);
    expect(verified.map(({ headers }) => headers)).toEqual(hostile.map((_, n) => sourceHeader(0, 2 * n)));
    for (const { value } of verified) expect([...decodeVerified(value).verifiedRejectCode]).toEqual([0]);

    const letters = (await log.readFrom(TOPIC.sharesDead, 0, 0, ALL)).map((letter) => openLetter(letter)!);
    expect(letters.map(({ reason }, n) => [hostile[n]!.what, reason])).toEqual(
      hostile.map(({ what, reason }) => [what, reason]),
    );
    for (const [n, { origin, record, bytes }] of letters.entries()) {
      const sent = hostile[n]!.record;
      expect(origin).toEqual({ topic: TOPIC.sharesSubmitted, partition: 0, offset: 2 * n + 1 });
      expect([Buffer.from(record.value).equals(sent.value.subarray(0, KEPT_BYTES)), bytes, record.key]).toEqual([
        true,
        sent.value.length,
        sent.key,
      ]);
      // What a record called like a header of a letter's own is all that is lost of it.
      const { origin: _origin, ...headers } = sent.headers ?? {};
      expect(record.headers).toEqual(headers);
    }
    const failures = await registry.getSingleMetricAsString('assay_validator_partition_failures_total');
    expect(failures).toContain('assay_validator_partition_failures_total 0');
  });

  it('goes on where validators were, whatever somebody wrote to shares.verified', async () => {
    await log.append(TOPIC.sharesSubmitted, [{ value: blockBytes(0) }, { value: blockBytes(1_000_000) }], 0);
    await validate();
    const [first] = await log.readFrom(TOPIC.sharesVerified, 0, 0, ALL);
    const forged = encodeVerified(decodeVerified(first!.value));
    await log.append(
      TOPIC.sharesVerified,
      [
        { value: forged, headers: { source: `0:${2 ** 53 - 1}` } },
        { value: forged, headers: { source: '0:4' } },
        { value: new Uint8Array(0), headers: { source: '0:1' } },
        { value: new Uint8Array(50), headers: { source: '0:9007199254740993' } },
        { value: forged },
      ],
      0,
    );
    // A validator that starts anew reads all of that; what comes is judged, a repeat is known.
    await log.append(TOPIC.sharesSubmitted, [{ value: blockBytes(2_000_000) }, { value: blockBytes(0) }], 0);
    const before = await log.bounds(TOPIC.sharesVerified, 0);
    await validate();
    const written = await log.readFrom(TOPIC.sharesVerified, 0, before.end, ALL);
    expect(written.map(({ headers }) => headers?.['source'])).toEqual(['0:2', '0:3']);
    expect(written.map(({ value }) => decodeVerified(value).verifiedRejectCode[0])).toEqual([0, REJECT_CODE.duplicate]);
  });
});
