// Records that nobody should have written to shares.submitted, each with the reason it must be set aside for: broken, of another
// version, or lies. They are made of a good block, so that each is wrong in one way only.
import type { LogRecord } from '@assay/event-log';
import type { Random } from '@assay/kernel';
import { decodeSubmitted, encodeSubmitted, type SubmittedBlock } from '@assay/share-block';

export interface HostileRecord {
  readonly what: string;
  readonly record: LogRecord;
  /** Of the dead letter. */
  readonly reason: string;
}

/** As many shares as a block may hold. */
const MOST = 16_384;

/** @param good a block of at least one share, with a job */
export function hostileRecords(good: Uint8Array, random: Random): HostileRecord[] {
  const block = decodeSubmitted(good);
  const [job] = block.jobs;
  const strange = {
    '': 'empty',
    source: '0:9007199254740991',
    origin: 'x:0:0',
    ['__proto__']: 'é',
    big: 'x'.repeat(3_000),
  };
  const of = (what: string, value: Uint8Array, reason: string, rest: Partial<LogRecord> = {}): HostileRecord => ({
    what,
    record: { ...rest, value },
    reason,
  });
  return [
    of('nothing', new Uint8Array(0), 'unknown_schema'),
    of('random bytes', random.bytes(300), 'unknown_schema'),
    of('random bytes with strange headers', random.bytes(64), 'unknown_schema', { key: 'ключ', headers: strange }),
    of('random bytes, many', random.bytes(400_000), 'unknown_schema'),
    of('text', new TextEncoder().encode('{"worker":"acme.m1"}'), 'unknown_schema'),
    of('a block of the next layout', nextLayout(good), 'unknown_schema'),
    of('a block cut short', good.subarray(0, good.length - 64), 'malformed'),
    of('a block cut in its first message', good.subarray(0, 100), 'unknown_schema'),
    of('two blocks in one record', Uint8Array.from([...good, ...good]), 'malformed'),
    of('a block with more shares than one may hold', manyShares(block), 'too_many_shares'),
    of(
      'a block whose job is not what its hash says',
      encodeSubmitted({ ...block, jobs: [{ ...job!, hash: 'ab'.repeat(32) }, ...block.jobs.slice(1)] }),
      'bad_job',
    ),
    of(
      'a block with a difficulty that is none',
      encodeSubmitted({ ...block, difficulty: block.difficulty.map(() => -1) }),
      'bad_value',
    ),
    of(
      "a block that shows one tenant's workers to another",
      encodeSubmitted({ ...block, tenant: { ...block.tenant, values: block.tenant.values.map((name) => `${name}x`) } }),
      'bad_tenant',
    ),
  ];
}

/** The same block, as a later version would write it that names its layout 2. */
function nextLayout(good: Uint8Array): Uint8Array {
  const bytes = Buffer.from(good);
  // The value of the schema's key assay.layout: a FlatBuffers string, its length before it and a zero after.
  const at = bytes.indexOf(Buffer.from([1, 0, 0, 0, 0x31, 0, 0, 0]));
  if (at === -1 || at > bytes.indexOf('assay.block') + 200) throw new Error('the layout does not stand where it did');
  bytes[at + 4] = 0x32;
  return bytes;
}

/** The first share of the block, again and again, in a batch that says it holds one more than it may. */
function manyShares(block: SubmittedBlock): Uint8Array {
  const first = <A extends Uint8Array | Uint32Array | Int32Array | Float64Array>(column: A): A =>
    (column.constructor as unknown as { from(items: ArrayLike<number>): A }).from(
      new Array<number>(MOST).fill(column[0]!),
    );
  const binary = ({ offsets, bytes }: SubmittedBlock['extranonce1']): SubmittedBlock['extranonce1'] => {
    const length = offsets[1]!;
    const repeated = Buffer.concat(new Array<Uint8Array>(MOST).fill(bytes.subarray(0, length)));
    return { offsets: Int32Array.from({ length: MOST + 1 }, (_, i) => i * length), bytes: repeated };
  };
  const bytes = Buffer.from(
    encodeSubmitted({
      ...block,
      count: MOST,
      submittedAtUs: first(block.submittedAtUs),
      tenant: { ...block.tenant, codes: first(block.tenant.codes) },
      worker: { ...block.worker, codes: first(block.worker.codes) },
      job: first(block.job),
      extranonce1: binary(block.extranonce1),
      extranonce2: binary(block.extranonce2),
      ntime: first(block.ntime),
      nonce: first(block.nonce),
      versionBits: first(block.versionBits),
      versionMask: first(block.versionMask),
      difficulty: first(block.difficulty),
      rejectCode: first(block.rejectCode),
    }),
  );
  // The first such number is the batch's length: dictionaries of one value come before it, the lengths of its columns after it.
  let at = 0;
  while (bytes.readBigUInt64LE(at) !== BigInt(MOST)) at += 8;
  bytes.writeBigUInt64LE(BigInt(MOST + 1), at);
  return bytes;
}
