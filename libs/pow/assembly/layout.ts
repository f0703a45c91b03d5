// Where everything lies in the kernel's linear memory. The memory is sized once, at creation, and never grows:
// every region has a fixed bound, and the wrapper refuses what does not fit.

/** Shares (or headers) per call. */
export const CHUNK: u32 = 512;
/** Prepared jobs kept at a time. */
export const JOB_SLOTS: u32 = 64;
/** Longest coinbase1 + coinbase2, bytes. */
export const MAX_COINBASE: u32 = 16384;
/** Longest extranonce1 + extranonce2, bytes. At most 64, so that an extranonce touches at most two SHA-256 blocks. */
export const MAX_EXTRANONCE: u32 = 64;
export const MAX_BRANCHES: u32 = 14;

/** The compiler's own static data lies below this. */
const BASE: usize = 4096;

// Scratch of one group of lanes; a word is 16 bytes wide in the SIMD build and 4 in the scalar one.
export const WORDS: usize = BASE; //                       message schedule, 64 words
export const ROUND_INPUTS: usize = WORDS + 1024; //        K[t] + W[t], 64 words
export const STATE: usize = ROUND_INPUTS + 1024; //        chaining value, 8 words
export const DIGEST: usize = STATE + 128; //               finished digest, 8 words
export const HEADER: usize = DIGEST + 128; //              block header, 20 words
export const INITIAL: usize = HEADER + 320; //             SHA-256 initial hash value in every lane, 8 words
export const SCRYPT_INNER: usize = INITIAL + 128; //       scrypt: HMAC inner midstate, 8 words
export const SCRYPT_OUTER: usize = SCRYPT_INNER + 128; //  scrypt: HMAC outer midstate, 8 words
export const SCRYPT_WORDS: usize = SCRYPT_OUTER + 128; //  scrypt: PBKDF2 output, 32 words
export const SCRYPT_BLOCKS: usize = SCRYPT_WORDS + 512; // scrypt: the same as 128 bytes per lane
export const MESSAGE: usize = SCRYPT_BLOCKS + 512; //        the blocks around one share's extranonce, 128 bytes
export const PADDING_64: usize = MESSAGE + 128; //         K[t] + W[t] of the padding block after 64 bytes, 64 u32
export const PADDING_32: usize = PADDING_64 + 256; //      right-half table of the padding after 32 bytes, 24 u32

// What the wrapper writes for a call, and reads after it. Structures of arrays, indexed by the place in the chunk.
export const GROUP_SLOTS: usize = BASE + 8192; //                      u32 per group of lanes: its prepared job
export const VERSIONS: usize = GROUP_SLOTS + 4 * <usize>CHUNK; //      u32 each
export const NTIMES: usize = VERSIONS + 4 * <usize>CHUNK;
export const NONCES: usize = NTIMES + 4 * <usize>CHUNK;
export const EXTRANONCES: usize = NONCES + 4 * <usize>CHUNK; //        MAX_EXTRANONCE bytes each
export const HEADERS: usize = EXTRANONCES + <usize>MAX_EXTRANONCE * <usize>CHUNK; // 80 bytes each
export const HASHES: usize = HEADERS + 80 * <usize>CHUNK; //           32 bytes each

// A job as the wrapper hands it over, to be prepared into a slot.
export const RAW_PREV_HASH: usize = HASHES + 32 * <usize>CHUNK; //     32 bytes
export const RAW_BRANCHES: usize = RAW_PREV_HASH + 32; //              32 bytes each
export const RAW_COINBASE: usize = RAW_BRANCHES + 32 * <usize>MAX_BRANCHES; // coinbase1, a gap, coinbase2, room for padding
const RAW_COINBASE_SIZE: usize = <usize>MAX_COINBASE + <usize>MAX_EXTRANONCE + 128;

// One prepared job. Offsets within its slot.
export const JOB_MIDSTATE: usize = 0; //           8 u32: after the blocks that lie wholly in coinbase1
export const JOB_PREV_HASH: usize = 32; //         8 u32, big-endian words of the header
export const JOB_NBITS: usize = 64; //             u32, as it stands in the header
export const JOB_BRANCH_COUNT: usize = 68;
export const JOB_VARYING_BLOCKS: usize = 72; //    blocks the extranonce touches: 0, 1 or 2
export const JOB_UNIFORM_BLOCKS: usize = 76; //    blocks after them, the same for every share
export const JOB_GAP: usize = 80; //               where the extranonce goes in the varying blocks
export const JOB_GAP_LENGTH: usize = 84;
export const JOB_VARYING: usize = 96; //           the varying blocks with a gap, 128 bytes
export const JOB_BRANCHES: usize = 224; //         right-half table of each branch
export const HALF_TABLE_SIZE: usize = 96;
export const JOB_UNIFORM: usize = JOB_BRANCHES + <usize>MAX_BRANCHES * HALF_TABLE_SIZE; // K[t] + W[t] of each uniform block
const MAX_UNIFORM_BLOCKS: usize = (<usize>MAX_COINBASE + <usize>MAX_EXTRANONCE) / 64 + 1;
export const JOB_SIZE: usize = JOB_UNIFORM + 256 * MAX_UNIFORM_BLOCKS;
export const JOBS: usize = (RAW_COINBASE + RAW_COINBASE_SIZE + 15) & ~15;

/** scrypt's V, 128 KiB for each of the two hashes mixed side by side. */
export const SCRYPT_V: usize = (JOBS + <usize>JOB_SLOTS * JOB_SIZE + 63) & ~63;
export const SCRYPT_V_SIZE: usize = 131072;
export const SHA256D_END: usize = SCRYPT_V;
export const SCRYPT_END: usize = SCRYPT_V + 2 * SCRYPT_V_SIZE;

/** Traps when the build gave too little memory, or the compiler's static data reaches into ours. Once, at creation. */
export function checkMemory(end: usize): void {
  if (end > <usize>memory.size() << 16 || __heap_base > BASE) unreachable();
}
