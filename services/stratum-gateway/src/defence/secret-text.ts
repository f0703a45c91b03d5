// What `npm run hash-secret` prints: a secret with its hash as the workers file takes it.
import { drawSecret, fastHash, formatSecretHash, slowHash, type SecretHash } from '@assay/tenancy';

/** A secret of ours. */
export function drawnSecretText(): string {
  const secret = drawSecret();
  return `password of the machine: ${secret}\n${entry(fastHash(secret))}`;
}

/** One somebody thought of: the first line of the input. Undefined when that is no secret. */
export function ownSecretText(input: string): string | undefined {
  const [secret = ''] = input.split(/\r?\n/);
  return secret === '' || secret.length > 256 ? undefined : entry(slowHash(secret));
}

const entry = (hash: SecretHash): string => `"secretHash": "${formatSecretHash(hash)}"\n`;
