// Codes for when the second factor is lost: ten of 80 random bits, each taken once. Only their hashes are kept; SHA-256 is enough for so many bits.
import { createHash, randomBytes } from 'node:crypto';

const CODES = 10;
/** 32 letters and digits that are not mistaken for each other. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz023456789';

export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () =>
    [...randomBytes(16)].map((byte, i) => (i > 0 && i % 4 === 0 ? '-' : '') + ALPHABET[byte % 32]).join(''),
  );
}

/** As it is written down. People may leave the hyphens out, and write it in capitals. */
export function hashRecoveryCode(code: string): string {
  return createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest('hex');
}
