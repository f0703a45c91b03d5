import { expect, it } from 'vitest';
import { assert } from '@assay/kernel';
import { parseWorkerFile } from '../miners/worker-file.ts';
import { matchesFast, matchesSlow, type SecretHash } from '@assay/tenancy';
import { SlowHashing } from './slow-hashing.ts';
import { drawnSecretText, ownSecretText } from './secret-text.ts';

/** The hash as a workers file takes it. */
function hashIn(printed: string): SecretHash {
  const line = printed.trim().split('\n').at(-1)!;
  return parseWorkerFile('w.json', `[{"worker":"acme.a",${line}}]`).get('acme.a')!.secret!;
}

it('is a secret that was drawn, and its hash', () => {
  const printed = drawnSecretText();
  const secret = /^password of the machine: (\S+)$/m.exec(printed)![1]!;
  const hash = hashIn(printed);
  assert(hash.kind === 'sha256', 'a fast hash');
  expect([matchesFast(hash, secret), matchesFast(hash, 'x')]).toEqual([true, false]);
});

it('is the hash of a secret of your own, and nothing of what is none', async () => {
  const hash = hashIn(ownSecretText('correct horse, battery\r\nmore\n')!);
  assert(hash.kind === 'scrypt', 'a slow hash');
  expect(await matchesSlow(hash, 'correct horse, battery', (...asked) => new SlowHashing().derive(...asked))).toBe(
    true,
  );
  for (const none of ['', '\n', 'x'.repeat(257)]) expect(ownSecretText(none)).toBeUndefined();
});
