// The worker file: what is known of workers beforehand. Read once at the start; a bad file stops the start and names what is wrong.
import { readFileSync } from 'node:fs';
import { SettingsError } from '@assay/platform';
import { z } from 'zod';
import { fastHash, parseHashRate, parseSecretHash, parseUsername, type SecretHash } from '@assay/tenancy';

export interface KnownWorker {
  readonly expectedHashRateHs: number | undefined;
  /** Of what the password must hold besides its options; undefined takes any. Workers with the same `secretHash` share one object. */
  readonly secret: SecretHash | undefined;
  /** Let in no more. */
  readonly retired?: boolean;
}

const workerFile = z.array(
  z.strictObject({
    worker: z.string().refine((name) => parseUsername(name)?.worker === name, 'is no worker name'),
    expectedHashRate: z
      .string()
      .refine((rate) => parseHashRate(rate) !== undefined, 'is no hash rate such as 100T')
      .optional(),
    secret: z.string().min(1).max(256).optional(),
    secretHash: z
      .string()
      .refine((text) => parseSecretHash(text) !== undefined, 'is no hash that npm run hash-secret prints')
      .optional(),
  }),
);

/** @param path '' for no file. Throws SettingsError. */
export function readWorkerFile(path: string): ReadonlyMap<string, KnownWorker> {
  if (path === '') return new Map();
  return parseWorkerFile(path, contentOf(path));
}

/** Throws SettingsError that names the file and every entry that is wrong. */
export function parseWorkerFile(path: string, text: string): ReadonlyMap<string, KnownWorker> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new SettingsError(`ASSAY_WORKERS_FILE=${path} is not JSON: ${(error as Error).message}.`);
  }
  const parsed = workerFile.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'the file'}: ${message}`);
    throw new SettingsError(`ASSAY_WORKERS_FILE=${path} cannot be used: ${problems.join('; ')}.`);
  }
  const known = new Map<string, KnownWorker>();
  const hashes = new Map<string, SecretHash>();
  for (const { worker, expectedHashRate, secret, secretHash } of parsed.data) {
    if (secret !== undefined && secretHash !== undefined)
      throw new SettingsError(`ASSAY_WORKERS_FILE=${path} has both a secret and a secretHash for ${worker}.`);
    if (known.has(worker)) throw new SettingsError(`ASSAY_WORKERS_FILE=${path} names ${worker} twice.`);
    known.set(worker, {
      expectedHashRateHs: expectedHashRate === undefined ? undefined : parseHashRate(expectedHashRate),
      secret: secret === undefined ? hashOf(secretHash, hashes) : fastHash(secret),
    });
  }
  return known;
}

function hashOf(text: string | undefined, hashes: Map<string, SecretHash>): SecretHash | undefined {
  if (text === undefined) return undefined;
  const hash = hashes.get(text) ?? parseSecretHash(text)!;
  hashes.set(text, hash);
  return hash;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new SettingsError(`ASSAY_WORKERS_FILE=${path} cannot be read: ${(error as Error).message}.`);
  }
}
