// A gateway with a spool on a log that fails before and after it took an append, so that blocks stand in it twice; and the validator,
// which must count every acknowledged share once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLmdbSpool } from '@assay/adapter-lmdb';
import { openMemoryEventLog, systemTimer } from '@assay/adapter-memory';
import { TOPIC, topicSpecs, type EventLog } from '@assay/event-log';
import { Random, systemClock } from '@assay/kernel';
import { REJECT_CODE } from '@assay/mining';
import { Lifecycle, parseSettings, Registry, silentLogger } from '@assay/platform';
import { decodeSubmitted, decodeVerified } from '@assay/share-block';
import { Farm, LossyLog } from '@assay/sim';
import { gatewaySettings, startStratumGateway } from '@assay/stratum-gateway';
import { startValidator, validatorSettings } from '@assay/validator';
import { loadFarm } from '../harness/load-farm.ts';
import { LOAD_SETTINGS } from '../harness/pool-process.ts';
import { waitFor } from '../harness/wait-for.ts';

const PARTITIONS = 3;
const EVERYTHING = { maxRecords: 1e9, maxBytes: 1e12, waitMs: 0 };
const WEATHER = { failBefore: 0.2, failAfter: 0.2, crash: 0, delay: 0.2, maxDelayMs: 20 };
/** Acknowledged while the log takes some appends, loses some and answers falsely about others. */
const SHARES = 1500;

async function valuesOf(log: EventLog, topic: string): Promise<Uint8Array[]> {
  const values: Uint8Array[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const { value } of await log.readFrom(topic, partition, 0, EVERYTHING)) values.push(value);
  return values;
}

interface Run {
  readonly acked: number;
  /** Shares the gateway accepted that stand in the log, repeats included. */
  readonly submitted: number;
  /** Shares the validator accepted, and how many of them are different. */
  readonly accepted: number;
  readonly distinct: number;
  readonly duplicates: number;
}

/** @param lookUp whether the gateway can find out what stands in the log already */
async function run(lookUp: boolean, seed: number): Promise<Run> {
  const lifecycle = new Lifecycle(silentLogger);
  try {
    const dir = await lifecycle.start(
      'directory',
      () => mkdtemp(join(tmpdir(), 'assay-spool-')),
      (made) => rm(made, { recursive: true, force: true }),
    );
    const ports = { clock: systemClock, logger: silentLogger };
    const inner = openMemoryEventLog({ clock: systemClock });
    await inner.ensureTopics(topicSpecs(PARTITIONS));
    const log: EventLog = new LossyLog(inner, new Random(seed), WEATHER, systemTimer);
    if (!lookUp) log.bounds = () => Promise.reject(new Error('not to be known'));
    const spool = await lifecycle.start(
      'spool',
      () => openLmdbSpool({ dir, clock: systemClock, maxBytes: 2 ** 28 }),
      (part) => part.close(),
    );
    const config = {
      ...parseSettings(gatewaySettings, { ...LOAD_SETTINGS, ASSAY_STRATUM_PORT: '0' }),
      spoolAfterMs: 100,
    };
    const gateway = await lifecycle.start(
      'gateway',
      () => startStratumGateway(config, { ...ports, log, spool, registry: new Registry() }),
      (part) => part.stop(),
    );
    await lifecycle.start(
      'validator',
      () => startValidator(parseSettings(validatorSettings, {}), { ...ports, log: inner, registry: new Registry() }),
      (part) => part.stop(),
    );
    let acked = 0;
    const farm = await lifecycle.start(
      'farm',
      async () =>
        new Farm(loadFarm(20, 20), { host: '127.0.0.1', port: gateway.port }, seed, {
          onAnswer: ({ accepted }) => void (acked += accepted ? 1 : 0),
        }),
      async (part) => part.stop(),
    );
    await waitFor('shares', 60_000, () => acked >= SHARES);
    farm.halt();
    await waitFor('the last answers', 30_000, () => farm.unanswered === 0);
    await waitFor('the spool to be empty', 30_000, () => spool.stats().records === 0);
    await waitFor('the validator', 30_000, async () => (await inner.lag('validator', TOPIC.sharesSubmitted)) === 0);

    const submitted = (await valuesOf(inner, TOPIC.sharesSubmitted)).map((value) => decodeSubmitted(value));
    const hashes: string[] = [];
    let duplicates = 0;
    for (const value of await valuesOf(inner, TOPIC.sharesVerified)) {
      const block = decodeVerified(value);
      for (let i = 0; i < block.count; i++) {
        if (block.verifiedRejectCode[i] === 0)
          hashes.push(Buffer.from(block.hashes.subarray(32 * i, 32 * i + 32)).toString('hex'));
        if (block.verifiedRejectCode[i] === REJECT_CODE.duplicate) duplicates++;
      }
    }
    return {
      acked,
      submitted: submitted.reduce((sum, { rejectCode }) => sum + rejectCode.filter((code) => code === 0).length, 0),
      accepted: hashes.length,
      distinct: new Set(hashes).size,
      duplicates,
    };
  } finally {
    await lifecycle.stop();
  }
}

it('the gateway finds what stands in the log already and appends it once', async () => {
  const { acked, submitted, accepted, distinct } = await run(true, 11);
  expect({ submitted, accepted, distinct }).toEqual({ submitted: acked, accepted: acked, distinct: acked });
});

it('the validator counts once what stands there twice, where the gateway cannot know', async () => {
  const { acked, submitted, accepted, distinct, duplicates } = await run(false, 12);
  expect({ accepted, distinct }).toEqual({ accepted: acked, distinct: acked });
  expect(submitted).toBeGreaterThan(acked);
  expect(duplicates).toBe(submitted - acked);
});
