// What no code of ours does: kcat reads a share block from real Kafka, and a plain Arrow library prints its rows and hashes them again
// (docs/share-blocks.md). The programs are the examples of that page, as they stand there.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openKafkaEventLog, type KafkaEventLog } from '@assay/adapter-kafka';
import { TOPIC, topicSpecs } from '@assay/event-log';
import { requirePrograms } from '@assay/infra';
import { systemClock } from '@assay/kernel';
import { createLocalJobMaker, normalizeDifficulty, sealJob, type Job } from '@assay/mining';
import { parseSettings, Registry, silentLogger } from '@assay/platform';
import { encodeSubmitted, ShareColumnsBuilder, type ShareRow } from '@assay/share-block';
import { startValidator, VALIDATOR_GROUP, validatorSettings } from '@assay/validator';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SubmittedBlocks } from './bench/submitted-blocks.ts';
import { pyarrowDir } from './harness/pyarrow.ts';
import { waitFor } from './harness/wait-for.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    kafka: string[];
  }
}

const EXAMPLES = fileURLToPath(new URL('../../docs/examples/', import.meta.url));
const ATOP_US = 1_780_000_001_000_000;

const job = (algorithm: Job['algorithm']): Job => {
  const maker = createLocalJobMaker({
    algorithm,
    seed: 3,
    branches: 5,
    nbits: 0x1d00ffff,
    extranonceSize: 12,
    tag: '/assay/',
  });
  return sealJob(maker.next({ nowSeconds: ATOP_US / 1e6, newBlock: true }));
};

const share: ShareRow = {
  submittedAtUs: ATOP_US + 7,
  tenant: 'acme',
  worker: 'acme.north.r1.m1',
  job: job('sha256d'),
  extranonce1: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd),
  extranonce2: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  ntime: ATOP_US / 1e6 + 2,
  nonce: 0xdeadbeef,
  versionBits: 0x2000,
  versionMask: 0x1fffe000,
  difficulty: 65536,
  rejectCode: 0,
};
const SENT: readonly ShareRow[] = [
  share,
  { ...share, tenant: 'beta', worker: 'beta', job: job('scrypt'), nonce: 1, difficulty: normalizeDifficulty(0.1) },
  { ...share, submittedAtUs: ATOP_US + 1_234_567, job: undefined, extranonce2: new Uint8Array(0), rejectCode: 1 },
];

/** A share as any JSON tool would see it. */
type Row = Record<string, string | number | boolean | null>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const micros = (us: number): string =>
  new Date(Math.floor(us / 1000)).toISOString().replace('Z', `${String(us % 1000).padStart(3, '0')}Z`);

describe.each(['none', 'gzip'] as const)('a share block on Kafka, compression %s', (compression) => {
  const prefix = `third-party-${randomUUID()}.`;
  let log: KafkaEventLog;

  beforeAll(async () => {
    requirePrograms('kcat');
    const brokers = inject('kafka');
    log = await openKafkaEventLog({ brokers, clientId: 'third-party', clock: systemClock, compression, prefix });
    await log.ensureTopics(topicSpecs(1));
    const builder = new ShareColumnsBuilder('gw-1', { capacity: SENT.length, maxJobBytes: 1e6 });
    for (const row of SENT) expect(builder.append(row)).toBe(true);
    const blocks = [encodeSubmitted(builder.build()), new SubmittedBlocks({ fromUs: ATOP_US }).next()];
    for (const value of blocks) await log.append(TOPIC.sharesSubmitted, [{ value }], 0);
    const validator = await startValidator(parseSettings(validatorSettings, {}), {
      log,
      logger: silentLogger,
      registry: new Registry(),
      clock: systemClock,
    });
    await waitFor('the proof', 60_000, async () => (await log.lag(VALIDATOR_GROUP, TOPIC.sharesSubmitted)) === 0);
    await validator.stop();
  });
  afterAll(() => log.close());

  /** The record at an offset, as kcat prints it, through one of the examples. */
  async function rows(topic: string, offset: number, program: string, env: NodeJS.ProcessEnv = {}): Promise<Row[]> {
    const kcat = `kcat -C -b "$1" -t "$2" -p 0 -o "$3" -c 1 -e -q -f %s | ${program}`;
    const args = ['-o', 'pipefail', '-c', kcat, 'sh', inject('kafka').join(','), prefix + topic, String(offset)];
    const { stdout } = await promisify(execFile)('bash', args, {
      cwd: EXAMPLES,
      env: { ...process.env, ...env },
      maxBuffer: 2 ** 26,
    });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  }

  async function expectRows(program: string, env?: NodeJS.ProcessEnv): Promise<void> {
    const submitted = await rows(TOPIC.sharesSubmitted, 0, program, env);
    expect(submitted).toEqual(
      SENT.map((row, i) => ({
        submitted_at: micros(row.submittedAtUs),
        gateway: 'gw-1',
        tenant: row.tenant,
        worker: row.worker,
        job_hash: row.job?.hash ?? null,
        extranonce1: hex(row.extranonce1),
        extranonce2: hex(row.extranonce2),
        ntime: row.ntime,
        nonce: row.nonce,
        version_bits: row.versionBits,
        version_mask: row.versionMask,
        difficulty: row.difficulty,
        gateway_reject_reason: i === 2 ? expect.stringMatching(/^[a-z_]+$/) : '',
        computed_hash: row.job === undefined ? null : expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    );
    // What a stranger's hashing gives is what the validator proved.
    const verified = await rows(TOPIC.sharesVerified, 0, program, env);
    expect(verified.map(({ hash }) => hash)).toEqual([
      submitted[0]!['computed_hash'],
      submitted[1]!['computed_hash'],
      '0'.repeat(64),
    ]);
    const block = await rows(TOPIC.sharesVerified, 1, program, env);
    expect(block).toHaveLength(1000);
    for (const row of block) expect([row['verdict'], row['computed_hash']]).toEqual(['accepted', row['hash']]);
  }

  it('is read by kcat and apache-arrow', () => expectRows('node read-share-block.mjs'));

  it('is read by kcat and pyarrow', async (context) => {
    const pyarrow = pyarrowDir();
    if ('missing' in pyarrow) return context.skip(pyarrow.missing);
    return expectRows('python3 read-share-block.py', { PYTHONPATH: pyarrow.dir });
  });
});
