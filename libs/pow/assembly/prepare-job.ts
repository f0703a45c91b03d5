// Turns a job, once, into what its shares need: a midstate, message schedules and merkle tables. A share then pays only
// for what its own extranonce changes.
//
//   coinbase1 ............ | extranonce | coinbase2 ............ | padding
//   [block][block][block   .  block    ][block][block][block           ]
//    midstate              varying: 0-2   uniform: schedules kept
import { compress, schedule, tabulateRightHalf } from './sha256';
import {
  HALF_TABLE_SIZE,
  INITIAL,
  JOBS,
  JOB_BRANCHES,
  JOB_BRANCH_COUNT,
  JOB_GAP,
  JOB_GAP_LENGTH,
  JOB_MIDSTATE,
  JOB_NBITS,
  JOB_PREV_HASH,
  JOB_SIZE,
  JOB_UNIFORM,
  JOB_UNIFORM_BLOCKS,
  JOB_VARYING,
  JOB_VARYING_BLOCKS,
  RAW_BRANCHES,
  RAW_COINBASE,
  RAW_PREV_HASH,
  STATE,
  WORDS,
} from './layout';

function loadBigEndianWords(bytes: usize, count: u32, to: usize): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(to + (i << 2), bswap<u32>(load<u32>(bytes + (i << 2))));
}

/** Pads the message of `length` bytes at RAW_COINBASE (FIPS 180-4, section 5.1.1); returns its number of blocks. */
function padCoinbase(length: u32): u32 {
  const blocks = (length + 9 + 63) >> 6;
  const end = RAW_COINBASE + (blocks << 6);
  memory.fill(RAW_COINBASE + length, 0, end - RAW_COINBASE - length);
  store<u8>(RAW_COINBASE + length, 0x80);
  store<u64>(end - 8, bswap<u64>(<u64>length << 3));
  return blocks;
}

/** SHA-256 chaining value after the first `blocks` blocks at RAW_COINBASE, written to the job as plain words. */
function midstate<T>(job: usize, blocks: u32): void {
  // One lane is enough here; the words are read back from lane 0.
  for (let i: usize = 0; i < 8; i++) store<u32>(STATE + (i << 2), load<u32>(INITIAL + i * sizeof<T>()));
  for (let block: u32 = 0; block < blocks; block++) {
    loadBigEndianWords(RAW_COINBASE + (block << 6), 16, WORDS);
    compress<u32>(STATE, STATE);
  }
  memory.copy(job + JOB_MIDSTATE, STATE, 32);
}

/**
 * Prepares the job lying at RAW_* into a slot. The lengths are in bytes; coinbase2 lies after a gap of the extranonce's
 * length. The caller has checked every bound.
 */
export function prepareJob<T>(
  slot: u32,
  coinbase1: u32,
  extranonce: u32,
  coinbase2: u32,
  branches: u32,
  nbits: u32,
): void {
  const job = JOBS + <usize>slot * JOB_SIZE;
  const blocks = padCoinbase(coinbase1 + extranonce + coinbase2);
  const firstVarying = coinbase1 >> 6;
  const firstUniform = extranonce == 0 ? firstVarying : (coinbase1 + extranonce + 63) >> 6;
  midstate<T>(job, firstVarying);
  loadBigEndianWords(RAW_PREV_HASH, 8, job + JOB_PREV_HASH);
  store<u32>(job + JOB_NBITS, nbits);
  store<u32>(job + JOB_BRANCH_COUNT, branches);
  store<u32>(job + JOB_VARYING_BLOCKS, firstUniform - firstVarying);
  store<u32>(job + JOB_UNIFORM_BLOCKS, blocks - firstUniform);
  store<u32>(job + JOB_GAP, coinbase1 & 63);
  store<u32>(job + JOB_GAP_LENGTH, extranonce);
  memory.copy(job + JOB_VARYING, RAW_COINBASE + (firstVarying << 6), (firstUniform - firstVarying) << 6);
  for (let block = firstUniform; block < blocks; block++) {
    loadBigEndianWords(RAW_COINBASE + (block << 6), 16, WORDS);
    schedule<u32>(job + JOB_UNIFORM + ((block - firstUniform) << 8));
  }
  for (let branch: u32 = 0; branch < branches; branch++) {
    loadBigEndianWords(RAW_BRANCHES + (branch << 5), 8, WORDS);
    tabulateRightHalf(WORDS, job + JOB_BRANCHES + <usize>branch * HALF_TABLE_SIZE);
  }
}
