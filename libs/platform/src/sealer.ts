// Seals secrets that have to be read again, such as that of a second factor or of an alert channel, so that they can stand in the log:
// AES-256-GCM under a key that the log does not hold. What a secret is for is bound into its seal, so that none can be put in another's place.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { defineSettings, secret } from './settings.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** `v1.`, the key's id, and nonce, tag and ciphertext in base64url. */
const SEALED = /^v1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

const keys = z.string().transform((text, context) => {
  const written = text.split(',').filter((each) => each.trim() !== '');
  const parsed = written.map((each) => keyOf(each.trim()));
  if (parsed.every((key) => key !== undefined)) return parsed;
  context.addIssue('expected 32 bytes in base64 or hex, or several such with commas between them');
  return z.NEVER;
});

/** Empty when there is none. */
export const secretsSettings = defineSettings({
  keys: secret(
    'ASSAY_SECRETS_KEY',
    keys,
    '',
    'Key that secrets in the control log are sealed with: 32 bytes, base64 or hex (`openssl rand -base64 32`), the same for all services. Several, comma-separated: the first seals, all open. In the embedded setting `secrets.key` in the data directory unless set.',
  ),
});

export class Sealer {
  readonly #keys: readonly { readonly id: string; readonly key: Buffer }[];

  /** @param secrets keys of 32 bytes; the first one seals, all of them open */
  constructor(secrets: readonly Buffer[]) {
    this.#keys = secrets.map((key) => ({ id: idOf(key), key }));
  }

  /** Whether there is a key to seal with. */
  get canSeal(): boolean {
    return this.#keys.length > 0;
  }

  /** @param purpose what the secret is for and whose, such as `second-factor USER`; needed to open it. Throws without a key. */
  seal(text: string, purpose: string): string {
    const [first] = this.#keys;
    if (first === undefined) throw new Error('ASSAY_SECRETS_KEY is not set: there is nothing to seal secrets with');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', first.key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `v1.${first.id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
  }

  /** Undefined when it was changed, sealed for something else, or sealed with a key that is not here. */
  open(sealed: string, purpose: string): string | undefined {
    const [, id, rest = ''] = SEALED.exec(sealed) ?? [];
    const key = this.#keys.find((each) => each.id === id)?.key;
    const bytes = Buffer.from(rest, 'base64url');
    if (key === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(tag);
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }

  /** Whether another key than the first one sealed it: it should be sealed anew before that key is taken away. */
  isOld(sealed: string): boolean {
    return SEALED.exec(sealed)?.[1] !== this.#keys[0]?.id;
  }
}

/** The key in a file of the pool's own, made with the first call, readable by its owner alone. Throws when it cannot be read or is none. */
export function secretsKeyFile(path: string): Buffer {
  if (!existsSync(path)) {
    try {
      writeFileSync(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process of the pool was quicker.
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error;
    }
  }
  chmodSync(path, 0o600);
  const key = keyOf(readFileSync(path, 'utf8').trim());
  if (key === undefined) throw new Error(`${path} holds no key: 32 bytes in base64 or hex`);
  return key;
}

function keyOf(text: string): Buffer | undefined {
  const hex = /^[0-9a-f]{64}$/i.test(text);
  if (!hex && !/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, hex ? 'hex' : 'base64');
  return key.length === KEY_BYTES ? key : undefined;
}

function idOf(key: Buffer): string {
  return createHash('sha256').update('assay key id').update(key).digest('hex').slice(0, 8);
}
