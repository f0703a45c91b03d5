// Version rolling (BIP310, BIP320): the miner searches bits of the block version that the pool granted it by a mask.

/** The bits BIP320 sets aside for miners. */
export const VERSION_ROLLING_MASK = 0x1fffe000;

/** The version of the header: the job's, with the bits under the mask replaced by the share's. Unsigned 32 bits. */
export function rolledVersion(jobVersion: number, mask: number, bits: number): number {
  return ((jobVersion & ~mask) | (bits & mask)) >>> 0;
}

/** Whether a share rolled bits that were not granted to it. */
export function bitsOutsideMask(bits: number, mask: number): boolean {
  return (bits & ~mask) !== 0;
}
