// A submit's text turned into numbers and bytes, before anything is decided about it: hex of either case, unpadded where miners
// send it so. Two spellings of one share give the same canonical share; the duplicate check sees nothing else.
import type { SubmittedShare } from '@assay/mining';
import type { SubmitLine } from './submit-line.ts';

/** Reused for every submit of a listener. */
export class CanonicalShare implements SubmittedShare {
  readonly extranonce2: Uint8Array;
  ntime = 0;
  nonce = 0;
  /** As submitted; 0 when there were none. */
  versionBits = 0;
  hasVersionBits = false;
  /** The job id as a number, or -1 when it cannot be one of ours. */
  jobId = 0;

  constructor(extranonce2Bytes: number) {
    this.extranonce2 = new Uint8Array(extranonce2Bytes);
  }

  /** False when the submit is malformed: an extranonce2 of another length, or what should be hex of at most 32 bits is not. */
  read(line: SubmitLine): boolean {
    const { bytes, extranonce2Start } = line;
    const extranonce2 = this.extranonce2;
    if (line.extranonce2End - extranonce2Start !== 2 * extranonce2.length) return false;
    for (let i = 0; i < extranonce2.length; i++) {
      const value =
        (HEX_VALUE[bytes[extranonce2Start + 2 * i]!]! << 4) | HEX_VALUE[bytes[extranonce2Start + 2 * i + 1]!]!;
      if (value < 0) return false;
      extranonce2[i] = value;
    }
    this.ntime = uint32(bytes, line.ntimeStart, line.ntimeEnd);
    this.nonce = uint32(bytes, line.nonceStart, line.nonceEnd);
    this.hasVersionBits = line.hasVersionBits;
    this.versionBits = this.hasVersionBits ? uint32(bytes, line.versionBitsStart, line.versionBitsEnd) : 0;
    this.jobId = uint32(bytes, line.jobStart, line.jobEnd);
    return this.ntime >= 0 && this.nonce >= 0 && this.versionBits >= 0;
  }
}

const HEX_VALUE = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) HEX_VALUE[48 + i] = i;
for (let i = 0; i < 6; i++) HEX_VALUE[65 + i] = HEX_VALUE[97 + i] = 10 + i;

/** One to eight hex digits as an unsigned integer, or -1. */
function uint32(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 8) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = HEX_VALUE[bytes[at]!]!;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
