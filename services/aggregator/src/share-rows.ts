// Verified blocks as rows of the table `shares`: columns of all blocks one after the other, never a row.
import { REJECT_REASONS } from '@assay/mining';
import { MAX_BLOCK_SHARES } from '@assay/share-block';
import type { BinaryColumn, DictionaryColumn, VerifiedBlock } from '@assay/share-block';
import type { ArrowRows, Columns } from './arrow-stream.ts';
import {
  arrowStream,
  dictionaryColumn,
  float64Column,
  microsColumn,
  textColumn,
  uint32Column,
  uint64Column,
  uint8Column,
} from './arrow-stream.ts';

/** A block and where its record stands in the partition. */
export interface PlacedBlock {
  readonly offset: number;
  readonly block: VerifiedBlock;
}

const HASH_BYTES = 32;
const ROW_NUMBERS = new Uint32Array(MAX_BLOCK_SHARES);
for (let row = 0; row < MAX_BLOCK_SHARES; row++) ROW_NUMBERS[row] = row;

/** One Arrow stream of every share of the blocks, `log_partition` being where they were read. */
export function shareRows(partition: number, placed: readonly PlacedBlock[]): ArrowRows {
  return arrowStream(shareColumns(partition, placed));
}

function shareColumns(partition: number, placed: readonly PlacedBlock[]): Columns {
  const blocks = placed.map(({ block }) => block);
  const rows = blocks.reduce((sum, { count }) => sum + count, 0);
  const reasons = (pick: (block: VerifiedBlock) => Uint8Array): Columns[string] =>
    dictionaryColumn(joined(blocks, new Uint32Array(rows), pick), REJECT_REASONS);
  const floats = (pick: (block: VerifiedBlock) => Float64Array): Float64Array =>
    joined(blocks, new Float64Array(rows), pick);
  const words = (pick: (block: VerifiedBlock) => Uint32Array): Columns[string] =>
    uint32Column(joined(blocks, new Uint32Array(rows), pick));
  const verdicts = joined(blocks, new Uint32Array(rows), (block) => block.verifiedRejectCode);
  for (let row = 0; row < rows; row++) verdicts[row] = verdicts[row] === 0 ? 0 : 1;
  return {
    tenant: names(blocks, rows, (block) => block.tenant),
    worker: names(blocks, rows, (block) => block.worker),
    algorithm: names(blocks, rows, algorithmsOf),
    submitted_at: microsColumn(floats((block) => block.submittedAtUs)),
    verdict: dictionaryColumn(verdicts, ['accepted', 'rejected']),
    reject_reason: reasons((block) => block.verifiedRejectCode),
    gateway_reject_reason: reasons((block) => block.rejectCode),
    difficulty: float64Column(floats((block) => block.difficulty)),
    share_difficulty: float64Column(floats((block) => block.shareDifficulty)),
    block_candidate: uint8Column(joined(blocks, new Uint8Array(rows), (block) => block.blockCandidate)),
    job_hash: names(blocks, rows, jobHashesOf),
    hash: hashes(blocks, rows),
    extranonce1: hexes(blocks, rows, (block) => block.extranonce1),
    extranonce2: hexes(blocks, rows, (block) => block.extranonce2),
    ntime: words((block) => block.ntime),
    nonce: words((block) => block.nonce),
    version: words(versionsOf),
    version_bits: words((block) => block.versionBits),
    version_mask: words((block) => block.versionMask),
    gateway: names(blocks, rows, ({ gateway, count }) => ({ codes: new Uint32Array(count), values: [gateway] })),
    log_partition: uint32Column(new Uint32Array(rows).fill(partition)),
    log_offset: uint64Column(perBlock(placed, new Float64Array(rows), ({ offset }) => offset)),
    log_row: uint32Column(joined(blocks, new Uint32Array(rows), ({ count }) => ROW_NUMBERS.subarray(0, count))),
  };
}

type TypedArray = Uint8Array | Uint32Array | Float64Array;

function joined<A extends TypedArray>(
  blocks: readonly VerifiedBlock[],
  into: A,
  pick: (block: VerifiedBlock) => TypedArray,
): A {
  let row = 0;
  for (const block of blocks) {
    into.set(pick(block), row);
    row += block.count;
  }
  return into;
}

function perBlock(
  placed: readonly PlacedBlock[],
  into: Float64Array,
  pick: (placed: PlacedBlock) => number,
): Float64Array {
  let row = 0;
  for (const one of placed) into.fill(pick(one), row, (row += one.block.count));
  return into;
}

/** One dictionary over all blocks: each block's codes are translated, its strings looked up once. */
function names(
  blocks: readonly VerifiedBlock[],
  rows: number,
  pick: (block: VerifiedBlock) => DictionaryColumn,
): Columns[string] {
  const codeOf = new Map<string, number>();
  const out = new Uint32Array(rows);
  let row = 0;
  for (const block of blocks) {
    const { codes, values } = pick(block);
    const translated = new Uint32Array(values.length);
    for (let entry = 0; entry < values.length; entry++) {
      let code = codeOf.get(values[entry]!);
      if (code === undefined) codeOf.set(values[entry]!, (code = codeOf.size));
      translated[entry] = code;
    }
    for (let i = 0; i < block.count; i++) out[row++] = translated[codes[i]!]!;
  }
  return dictionaryColumn(out, [...codeOf.keys()]);
}

/** Codes into the block's jobs, those without a known job naming one entry more: the empty string. */
function jobNames(block: VerifiedBlock, values: readonly string[]): DictionaryColumn {
  const codes = new Uint32Array(block.count);
  for (let i = 0; i < block.count; i++) codes[i] = block.job[i]! < 0 ? values.length : block.job[i]!;
  return { codes, values: [...values, ''] };
}

const algorithmsOf = (block: VerifiedBlock): DictionaryColumn =>
  jobNames(
    block,
    block.jobs.map((job) => job.algorithm),
  );
const jobHashesOf = (block: VerifiedBlock): DictionaryColumn =>
  jobNames(
    block,
    block.jobs.map((job) => job.hash),
  );

/** Header versions as hashed: the job's, with the rolled bits put in; 0 without a known job. */
function versionsOf(block: VerifiedBlock): Uint32Array {
  const { job, jobs, versionBits, versionMask } = block;
  const out = new Uint32Array(block.count);
  for (let i = 0; i < block.count; i++) {
    if (job[i]! < 0) continue;
    out[i] = (jobs[job[i]!]!.version & ~versionMask[i]!) | (versionBits[i]! & versionMask[i]!);
  }
  return out;
}

const HEX = new Uint8Array(512);
for (let byte = 0; byte < 256; byte++) {
  HEX[2 * byte] = byte.toString(16).padStart(2, '0').charCodeAt(0);
  HEX[2 * byte + 1] = byte.toString(16).padStart(2, '0').charCodeAt(1);
}

function hexes(
  blocks: readonly VerifiedBlock[],
  rows: number,
  pick: (block: VerifiedBlock) => BinaryColumn,
): Columns[string] {
  const offsets = new Int32Array(rows + 1);
  const bytes = blocks.reduce((sum, block) => sum + pick(block).offsets[block.count]!, 0);
  const text = new Uint8Array(2 * bytes);
  let row = 0;
  let at = 0;
  for (const block of blocks) {
    const column = pick(block);
    const start = at;
    for (let i = 0; i < block.count; i++) offsets[++row] = start + 2 * column.offsets[i + 1]!;
    for (let i = 0; i < column.offsets[block.count]!; i++) {
      const byte = column.bytes[i]!;
      text[at++] = HEX[2 * byte]!;
      text[at++] = HEX[2 * byte + 1]!;
    }
  }
  return textColumn(offsets, text);
}

/** Hashes as block explorers show them, the bytes of the header's order reversed. */
function hashes(blocks: readonly VerifiedBlock[], rows: number): Columns[string] {
  const offsets = new Int32Array(rows + 1);
  const text = new Uint8Array(2 * HASH_BYTES * rows);
  let row = 0;
  let at = 0;
  for (const { count, hashes: bytes, shareDifficulty } of blocks) {
    for (let i = 0; i < count; i++) {
      if (shareDifficulty[i]! > 0) {
        for (let k = HASH_BYTES * (i + 1) - 1; k >= HASH_BYTES * i; k--) {
          text[at++] = HEX[2 * bytes[k]!]!;
          text[at++] = HEX[2 * bytes[k]! + 1]!;
        }
      }
      offsets[++row] = at;
    }
  }
  return textColumn(offsets, text.subarray(0, at));
}
