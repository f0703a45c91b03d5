// Litecoin's proof of work over HEADER: scrypt with N = 1024, r = 1, p = 1, the header being both password and salt
// (RFC 7914, section 6). The PBKDF2 ends run over all lanes at once, ROMix lane by lane.
import { copyWords, lanesOf, loadLane, storeLane, storeUniform, xor } from './lanes';
import { DIGEST, HEADER, INITIAL, SCRYPT_BLOCKS, SCRYPT_INNER, SCRYPT_OUTER, SCRYPT_WORDS, STATE, WORDS } from './layout';
import { romixOne, romixPair } from './romix';
import { compress } from './sha256';
import { hashHeaderOnce } from './share-header';

/** `to` = chaining value after the HMAC key block, the 32-byte key at DIGEST xored with a pad byte (RFC 2104). */
function keyBlock<T>(pad: u32, to: usize): void {
  for (let i: usize = 0; i < 16; i++) storeUniform<T>(WORDS, i, pad);
  for (let i: usize = 0; i < 8; i++) {
    const at = i * sizeof<T>();
    store<T>(WORDS + at, xor<T>(load<T>(WORDS + at), load<T>(DIGEST + at)));
  }
  compress<T>(INITIAL, to);
}

/** Ends an HMAC: DIGEST = outer hash of the inner digest in STATE. */
function finishHmac<T>(): void {
  copyWords<T>(STATE, WORDS, 8);
  storeUniform<T>(WORDS, 8, 0x80000000);
  for (let i: usize = 9; i < 15; i++) storeUniform<T>(WORDS, i, 0);
  storeUniform<T>(WORDS, 15, (64 + 32) * 8);
  compress<T>(SCRYPT_OUTER, DIGEST);
}

/** The four digests of PBKDF2(header, header, 1, 128), as 32 words per lane at SCRYPT_WORDS. */
function stretchHeader<T>(): void {
  copyWords<T>(HEADER, WORDS, 16);
  // The first 64 salt bytes are common to the four; only the block with the counter differs.
  const saltState = SCRYPT_BLOCKS;
  compress<T>(SCRYPT_INNER, saltState);
  for (let counter: u32 = 1; counter <= 4; counter++) {
    copyWords<T>(HEADER + 16 * sizeof<T>(), WORDS, 4);
    storeUniform<T>(WORDS, 4, counter);
    storeUniform<T>(WORDS, 5, 0x80000000);
    for (let i: usize = 6; i < 15; i++) storeUniform<T>(WORDS, i, 0);
    storeUniform<T>(WORDS, 15, (64 + 84) * 8);
    compress<T>(saltState, STATE);
    finishHmac<T>();
    copyWords<T>(DIGEST, SCRYPT_WORDS + <usize>(counter - 1) * 8 * sizeof<T>(), 8);
  }
}

/** DIGEST = PBKDF2(header, mixed blocks, 1, 32), from the 32 words per lane at SCRYPT_WORDS. */
function condense<T>(): void {
  copyWords<T>(SCRYPT_WORDS, WORDS, 16);
  compress<T>(SCRYPT_INNER, STATE);
  copyWords<T>(SCRYPT_WORDS + 16 * sizeof<T>(), WORDS, 16);
  compress<T>(STATE, STATE);
  storeUniform<T>(WORDS, 0, 1);
  storeUniform<T>(WORDS, 1, 0x80000000);
  for (let i: usize = 2; i < 15; i++) storeUniform<T>(WORDS, i, 0);
  storeUniform<T>(WORDS, 15, (64 + 132) * 8);
  compress<T>(STATE, STATE);
  finishHmac<T>();
}

@inline function laneToBlock<T>(lane: u32): void {
  const block = SCRYPT_BLOCKS + (<usize>lane << 7);
  for (let i: u32 = 0; i < 32; i++) store<u32>(block + (i << 2), bswap<u32>(loadLane<T>(SCRYPT_WORDS, i, lane)));
}

@inline function blockToLane<T>(lane: u32): void {
  const block = SCRYPT_BLOCKS + (<usize>lane << 7);
  for (let i: u32 = 0; i < 32; i++) storeLane<T>(SCRYPT_WORDS, i, lane, bswap<u32>(load<u32>(block + (i << 2))));
}

/** DIGEST = scrypt of HEADER. */
export function scryptHeader<T>(): void {
  // The password, 80 bytes, is longer than a block: HMAC takes its SHA-256 for the key.
  hashHeaderOnce<T>(DIGEST);
  keyBlock<T>(0x36363636, SCRYPT_INNER);
  keyBlock<T>(0x5c5c5c5c, SCRYPT_OUTER);
  stretchHeader<T>();
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) laneToBlock<T>(lane);
  if (isVector<T>()) {
    romixPair(SCRYPT_BLOCKS, SCRYPT_BLOCKS + 128, STATE);
    romixPair(SCRYPT_BLOCKS + 256, SCRYPT_BLOCKS + 384, STATE);
  } else {
    romixOne(SCRYPT_BLOCKS);
  }
  for (let lane: u32 = 0; lane < lanesOf<T>(); lane++) blockToLane<T>(lane);
  condense<T>();
}
