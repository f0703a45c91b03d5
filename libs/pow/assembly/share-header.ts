// From a share to its block header: coinbase hash, merkle root, the 80 bytes. Everything stays in big-endian words, one
// share per lane, from the coinbase digest to the header, so that no byte is swapped or transposed on the way.
// The lanes of a group belong to one prepared job.
import { copyWords, lanesOf, loadLane, loadUniform, storeLane, storeUniform } from './lanes';
import {
  DIGEST,
  EXTRANONCES,
  GROUP_SLOTS,
  HALF_TABLE_SIZE,
  HASHES,
  HEADER,
  HEADERS,
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
  MAX_EXTRANONCE,
  MESSAGE,
  NONCES,
  NTIMES,
  PADDING_32,
  PADDING_64,
  STATE,
  VERSIONS,
  WORDS,
} from './layout';
import { compress, compressHalf, compressUniform, initialise, schedule, tabulateRightHalf } from './sha256';

/** Tabulates the constants that no job changes; once, at creation. */
export function prepareConstants<T>(): void {
  initialise<T>();
  memory.fill(WORDS, 0, 64);
  store<u32>(WORDS, 0x80000000);
  store<u32>(WORDS + 28, 256);
  tabulateRightHalf(WORDS, PADDING_32);
  store<u32>(WORDS + 28, 0);
  store<u32>(WORDS + 60, 512);
  schedule<u32>(PADDING_64);
}


/** Puts each share's extranonce into the gap of the job's varying blocks and compresses them into STATE. */
function compressVaryingBlocks<T>(job: usize, share: u32): void {
  const blocks = load<u32>(job + JOB_VARYING_BLOCKS);
  const gap = MESSAGE + load<u32>(job + JOB_GAP);
  const gapLength = load<u32>(job + JOB_GAP_LENGTH);
  for (let i: usize = 0; i < 128; i += 8) store<u64>(MESSAGE + i, load<u64>(job + JOB_VARYING + i));
  // One block at a time fits WORDS; with two, the second one's words wait in HEADER, which is not in use yet.
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) {
    const extranonce = EXTRANONCES + (share + lane) * MAX_EXTRANONCE;
    for (let i: u32 = 0; i < gapLength; i++) store<u8>(gap + i, load<u8>(extranonce + i));
    loadMessageWords<T>(MESSAGE, WORDS, lane);
    if (blocks == 2) loadMessageWords<T>(MESSAGE + 64, HEADER, lane);
  }
  compress<T>(STATE, STATE);
  if (blocks == 2) {
    copyWords<T>(HEADER, WORDS, 16);
    compress<T>(STATE, STATE);
  }
}

@inline function loadMessageWords<T>(bytes: usize, words: usize, lane: u32): void {
  for (let i: u32 = 0; i < 16; i++) storeLane<T>(words, i, lane, bswap<u32>(load<u32>(bytes + (i << 2))));
}

/** DIGEST = double SHA-256 of each share's coinbase transaction. */
function hashCoinbase<T>(job: usize, share: u32): void {
  for (let i: usize = 0; i < 8; i++) {
    store<T>(STATE + i * sizeof<T>(), loadUniform<T>(job + JOB_MIDSTATE, i << 2));
  }
  if (load<u32>(job + JOB_VARYING_BLOCKS) != 0) compressVaryingBlocks<T>(job, share);
  const uniform = load<u32>(job + JOB_UNIFORM_BLOCKS);
  for (let block: u32 = 0; block < uniform; block++) {
    compressUniform<T>(STATE, job + JOB_UNIFORM + (block << 8), STATE);
  }
  compressHalf<T>(STATE, PADDING_32, DIGEST);
}

/** DIGEST = merkle root: the coinbase hash is always the left leaf, each branch the right one. */
function climbMerkleBranches<T>(job: usize): void {
  const count = load<u32>(job + JOB_BRANCH_COUNT);
  for (let branch: u32 = 0; branch < count; branch++) {
    compressHalf<T>(DIGEST, job + JOB_BRANCHES + <usize>branch * HALF_TABLE_SIZE, STATE);
    compressUniform<T>(STATE, PADDING_64, STATE);
    compressHalf<T>(STATE, PADDING_32, DIGEST);
  }
}

/** HEADER = the twenty header words of the shares in the given group of lanes. */
export function buildHeader<T>(group: u32): void {
  const job = JOBS + <usize>load<u32>(GROUP_SLOTS + (group << 2)) * JOB_SIZE;
  const share = group * lanesOf<T>();
  hashCoinbase<T>(job, share);
  climbMerkleBranches<T>(job);
  for (let i: usize = 0; i < 8; i++) {
    store<T>(HEADER + (1 + i) * sizeof<T>(), loadUniform<T>(job + JOB_PREV_HASH, i << 2));
    store<T>(HEADER + (9 + i) * sizeof<T>(), load<T>(DIGEST + i * sizeof<T>()));
  }
  // The header's integers are little-endian, SHA-256's words big-endian.
  const nbits = bswap<u32>(load<u32>(job + JOB_NBITS));
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) {
    const at = (share + lane) << 2;
    storeLane<T>(HEADER, 0, lane, bswap<u32>(load<u32>(VERSIONS + at)));
    storeLane<T>(HEADER, 17, lane, bswap<u32>(load<u32>(NTIMES + at)));
    storeLane<T>(HEADER, 18, lane, nbits);
    storeLane<T>(HEADER, 19, lane, bswap<u32>(load<u32>(NONCES + at)));
  }
}

/** HEADER = the twenty words of the finished headers in the given group of lanes. */
export function loadHeaders<T>(group: u32): void {
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) {
    const bytes = HEADERS + (group * lanesOf<T>() + lane) * 80;
    for (let i: u32 = 0; i < 20; i++) storeLane<T>(HEADER, i, lane, bswap<u32>(load<u32>(bytes + (i << 2))));
  }
}

/** `to` = SHA-256 of the 80 bytes in HEADER. */
export function hashHeaderOnce<T>(to: usize): void {
  copyWords<T>(HEADER, WORDS, 16);
  compress<T>(INITIAL, STATE);
  copyWords<T>(HEADER + 16 * sizeof<T>(), WORDS, 4);
  storeUniform<T>(WORDS, 4, 0x80000000);
  for (let i: usize = 5; i < 15; i++) storeUniform<T>(WORDS, i, 0);
  storeUniform<T>(WORDS, 15, 640);
  compress<T>(STATE, to);
}

/** DIGEST = double SHA-256 of HEADER. */
export function hashHeader<T>(): void {
  hashHeaderOnce<T>(STATE);
  compressHalf<T>(STATE, PADDING_32, DIGEST);
}

/** Writes DIGEST as 32 bytes per lane to HASHES. */
export function storeDigests<T>(group: u32): void {
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) {
    const hash = HASHES + ((group * lanesOf<T>() + lane) << 5);
    for (let i: u32 = 0; i < 8; i++) store<u32>(hash + (i << 2), bswap<u32>(loadLane<T>(DIGEST, i, lane)));
  }
}
