// How the secret of a worker is kept: as a salted hash, of which there are two, for two kinds of secret.
// - `sha256$salt$hash` for secrets that were drawn at random (`npm run hash-secret` draws 128 bits). Nobody tries 2^128 of them, however fast
//   one try is, so a slow hash would protect nothing; a check takes microseconds, and 10,000 machines that come back at once are let in
//   as fast as without.
// - `scrypt$log2N$r$p$salt$hash` for secrets that people think of. A try costs some 50 ms and 16 MiB, here and to whoever got hold of the
//   file; it is made on another thread, once per hash until the right secret was seen (secret-verifier.ts).
// A secret that stands plain in the file is hashed when the file is read; it is not kept.
import { createHmac, randomBytes, scryptSync, timingSafeEqual, type ScryptOptions } from 'node:crypto';

export type SecretHash =
  | { readonly kind: 'sha256'; readonly salt: Uint8Array; readonly digest: Uint8Array }
  | {
      readonly kind: 'scrypt';
      readonly log2Cost: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly salt: Uint8Array;
      readonly digest: Uint8Array;
    };

const SALT_BYTES = 16;
const DIGEST_BYTES = 32;
/** 128 bits, 22 characters: firmware takes passwords of that length. */
const SECRET_BYTES = 16;
/** OWASP's least for scrypt asks for 2^17 with r 8; that is 128 MiB a try, too much of a gateway that also mines. RFC 7914 names 2^14 for logins. */
const COST = { log2Cost: 14, blockSize: 8, parallelism: 1 } as const;
/** Memory one check may take: 128 * N * r bytes. */
const MAX_CHECK_BYTES = 64 * 1024 * 1024;

const SHA256 = /^sha256\$([\w-]{16,})\$([\w-]{43})$/;
const SCRYPT = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,})\$([\w-]{43})$/;

/** Undefined when it is none, or one whose check would take too much memory. */
export function parseSecretHash(text: string): SecretHash | undefined {
  const fast = SHA256.exec(text);
  if (fast !== null) return { kind: 'sha256', salt: bytesOf(fast[1]!), digest: bytesOf(fast[2]!) };
  const slow = SCRYPT.exec(text);
  if (slow === null) return undefined;
  const [log2Cost, blockSize, parallelism] = slow.slice(1, 4).map(Number) as [number, number, number];
  if (log2Cost < 1 || blockSize < 1 || parallelism < 1 || parallelism > 16) return undefined;
  if (128 * 2 ** log2Cost * blockSize > MAX_CHECK_BYTES) return undefined;
  return { kind: 'scrypt', log2Cost, blockSize, parallelism, salt: bytesOf(slow[4]!), digest: bytesOf(slow[5]!) };
}

export function formatSecretHash(hash: SecretHash): string {
  const end = `${textOf(hash.salt)}$${textOf(hash.digest)}`;
  if (hash.kind === 'sha256') return `sha256$${end}`;
  return `scrypt$${hash.log2Cost}$${hash.blockSize}$${hash.parallelism}$${end}`;
}

/** A secret nobody can guess. */
export function drawSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** For secrets that were drawn, or that are only kept in memory. */
export function fastHash(secret: string): SecretHash {
  const salt = randomBytes(SALT_BYTES);
  return { kind: 'sha256', salt, digest: fastDigest(salt, secret) };
}

/** For secrets somebody thought of. Takes some 50 ms. */
export function slowHash(secret: string): SecretHash {
  const salt = randomBytes(SALT_BYTES);
  return { kind: 'scrypt', ...COST, salt, digest: scryptSync(secret, salt, DIGEST_BYTES, scryptOptions(COST)) };
}

/** The same by `derive`, which should not hold up the caller's thread. */
export async function slowHashBy(secret: string, derive: DeriveKey): Promise<SecretHash> {
  const salt = randomBytes(SALT_BYTES);
  const digest = await derive(secret, salt, DIGEST_BYTES, scryptOptions(COST));
  return { kind: 'scrypt', ...COST, salt, digest };
}

/** In constant time. */
export function matchesFast(hash: SecretHash & { readonly kind: 'sha256' }, secret: string): boolean {
  return timingSafeEqual(fastDigest(hash.salt, secret), hash.digest);
}

/** scrypt by somebody's means. */
export type DeriveKey = (
  secret: string,
  salt: Uint8Array,
  bytes: number,
  options: ScryptOptions,
) => Promise<Uint8Array>;

/** By `derive`, which should not hold up the caller's thread; the comparison is in constant time. */
export async function matchesSlow(
  hash: SecretHash & { readonly kind: 'scrypt' },
  secret: string,
  derive: DeriveKey,
): Promise<boolean> {
  return timingSafeEqual(await derive(secret, hash.salt, DIGEST_BYTES, scryptOptions(hash)), hash.digest);
}

function fastDigest(salt: Uint8Array, secret: string): Buffer {
  return createHmac('sha256', salt).update(secret).digest();
}

interface ScryptCost {
  readonly log2Cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
}

function scryptOptions({ log2Cost, blockSize, parallelism }: ScryptCost): {
  N: number;
  r: number;
  p: number;
  maxmem: number;
} {
  // Node counts a little more than the formula does.
  return { N: 2 ** log2Cost, r: blockSize, p: parallelism, maxmem: 2 * MAX_CHECK_BYTES };
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64url');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
