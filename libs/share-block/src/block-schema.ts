// The Arrow schemas of the records on `shares.submitted` and `shares.verified`. Any Arrow reader understands them without our
// code. Invariant: a layout, once released, is never changed but followed by another, so that stored blocks stay readable.
//
//   submitted_at           timestamp[us, UTC]     when the share's line was read from the socket
//   gateway                dictionary of utf8     name of the gateway, one per block
//   tenant, worker         dictionary of utf8     who sent it; worker is the full username
//   job                    dictionary of binary   canonical bytes of the job template (libs/mining/src/job.ts); null: no job we know
//   job_hash               dictionary of utf8     SHA-256 of those bytes in hex, null with `job`; the two have the same indices
//   extranonce1, 2         binary
//   ntime, nonce           uint32
//   version_bits, _mask    uint32                 header version = (job version & ~mask) | (bits & mask)
//   difficulty             float64                assigned
//   gateway_reject_reason  dictionary of utf8     the gateway's judgement, '' = accepted
// and on shares.verified besides:
//   verdict                dictionary of utf8     'accepted' or 'rejected': the validator's judgement
//   reject_reason          dictionary of utf8     its reason, '' = accepted
//   hash                   fixed binary of 32     in header byte order; zeroes where the share could not be hashed
//   share_difficulty       float64                what the hash achieved
//   block_candidate        bool                   the hash meets the job's network target
import {
  Binary,
  Bool,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  Int8,
  RecordBatchStreamWriter,
  Schema,
  TimestampMicrosecond,
  Uint32,
  Utf8,
  type DataType,
} from 'apache-arrow';

/** Bound of shares in one block, so that no record makes a reader allocate without measure. */
export const MAX_BLOCK_SHARES = 16_384;
/** Bound of a tenant's, worker's or gateway's name in bytes. */
export const MAX_NAME_BYTES = 512;

/** Ids by which dictionary batches name their column. */
export const DICTIONARY_ID = {
  gateway: 0,
  tenant: 1,
  worker: 2,
  job: 3,
  jobHash: 4,
  gatewayReason: 5,
  verdict: 6,
  reason: 7,
} as const;

export const VERDICTS = ['accepted', 'rejected'] as const;

const field = (name: string, type: DataType, nullable = false): Field => new Field(name, type, nullable);
/** Few values: an index of one byte. */
const fewNames = (id: number): Dictionary => new Dictionary(new Utf8(), new Int8(), id);
const names = (id: number): Dictionary => new Dictionary(new Utf8(), new Int32(), id);

const SUBMITTED_FIELDS = {
  submittedAt: field('submitted_at', new TimestampMicrosecond('UTC')),
  gateway: field('gateway', fewNames(DICTIONARY_ID.gateway)),
  tenant: field('tenant', names(DICTIONARY_ID.tenant)),
  worker: field('worker', names(DICTIONARY_ID.worker)),
  job: field('job', new Dictionary(new Binary(), new Int32(), DICTIONARY_ID.job), true),
  jobHash: field('job_hash', names(DICTIONARY_ID.jobHash), true),
  extranonce1: field('extranonce1', new Binary()),
  extranonce2: field('extranonce2', new Binary()),
  ntime: field('ntime', new Uint32()),
  nonce: field('nonce', new Uint32()),
  versionBits: field('version_bits', new Uint32()),
  versionMask: field('version_mask', new Uint32()),
  difficulty: field('difficulty', new Float64()),
  gatewayReason: field('gateway_reject_reason', fewNames(DICTIONARY_ID.gatewayReason)),
} as const;

const VERIFIED_FIELDS = {
  ...SUBMITTED_FIELDS,
  verdict: field('verdict', fewNames(DICTIONARY_ID.verdict)),
  reason: field('reject_reason', fewNames(DICTIONARY_ID.reason)),
  hash: field('hash', new FixedSizeBinary(32)),
  shareDifficulty: field('share_difficulty', new Float64()),
  blockCandidate: field('block_candidate', new Bool()),
} as const;

const schemaOf = (block: string, fields: Readonly<Record<string, Field>>): Schema =>
  new Schema(
    Object.values(fields),
    new Map([
      ['assay.block', block],
      ['assay.layout', '1'],
    ]),
  );

const SUBMITTED_SCHEMA = schemaOf('submitted', SUBMITTED_FIELDS);
const VERIFIED_SCHEMA = schemaOf('verified', VERIFIED_FIELDS);

/** The IPC message that opens every stream of the schema. */
function schemaMessage(schema: Schema): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  const bytes = writer.finish().toUint8Array(true);
  return bytes.subarray(0, bytes.length - 8); // without the end of stream
}

/** A block is read only when it opens with one of these, byte for byte, so a reader never meets a schema it did not expect. */
export const SUBMITTED_SCHEMA_MESSAGES: readonly Uint8Array[] = [schemaMessage(SUBMITTED_SCHEMA)];
export const VERIFIED_SCHEMA_MESSAGES: readonly Uint8Array[] = [schemaMessage(VERIFIED_SCHEMA)];
