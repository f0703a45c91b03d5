import { describe, expect, it } from 'vitest';
import { passwordFault } from './password-rules.ts';
import { PASSWORD_PARAMETERS, Passwords, TooManyPasswords } from './passwords.ts';

const CHEAP = { memoryKib: 8, passes: 1 };

describe('a password hash', () => {
  it('is argon2id in PHC format, salted, and right for one password alone', async () => {
    const passwords = new Passwords(CHEAP);
    const [one, other] = [await passwords.hash('correct horse battery'), await passwords.hash('correct horse battery')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect(one).not.toBe(other);
    expect(await passwords.isRight(one, 'correct horse battery')).toBe(true);
    for (const wrong of ['', 'correct horse batter', 'Correct horse battery', 'x'.repeat(5000)])
      expect(await passwords.isRight(one, wrong)).toBe(false);
    expect(await passwords.isRight('not a hash', 'correct horse battery')).toBe(false);
    expect(await passwords.isRight(await passwords.hash('pass\u00e9 compos\u00e9'), 'passe\u0301 compose\u0301')).toBe(
      true,
    );
  });

  it('says when it was made with other parameters', async () => {
    const hashed = await new Passwords(CHEAP).hash('correct horse battery');
    expect(new Passwords(CHEAP).isOld(hashed)).toBe(false);
    expect(new Passwords({ ...CHEAP, passes: 2 }).isOld(hashed)).toBe(true);
    expect(new Passwords({ ...CHEAP, memoryKib: 16 }).isOld(hashed)).toBe(true);
    expect(new Passwords(CHEAP).isOld('nonsense')).toBe(true);
  });

  it('of nobody is never right, and takes as long to check', async () => {
    const passwords = new Passwords(PASSWORD_PARAMETERS);
    const hashed = await passwords.hash('correct horse battery');
    const fastest = { somebody: Infinity, nobody: Infinity };
    const round = async (who: keyof typeof fastest, against: string | undefined): Promise<void> => {
      const sinceMs = performance.now();
      expect(await passwords.isRight(against, 'wrong horse battery')).toBe(false);
      fastest[who] = Math.min(fastest[who], performance.now() - sinceMs);
    };
    // In turn, so that other work on the machine slows both down.
    for (let i = 0; i < 20; i++) {
      await round('somebody', hashed);
      await round('nobody', undefined);
    }
    // Were nothing hashed, it would be a hundredth.
    expect(fastest.nobody / fastest.somebody).toBeGreaterThan(0.3);
    expect(fastest.nobody / fastest.somebody).toBeLessThan(3);
  });

  it('waits its turn, and is refused when too many wait', async () => {
    const passwords = new Passwords(CHEAP);
    const results = await Promise.allSettled(
      Array.from({ length: 150 }, () => passwords.hash('correct horse battery')),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(150 - 2 - 100);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(TooManyPasswords);
    await expect(passwords.hash('correct horse battery')).resolves.toContain('argon2id');
  });
});

describe('a password', () => {
  it.each([
    'short',
    'elevenchars',
    'passwordpassword',
    'Password12345',
    '123456789012',
    'abcdefghijklmnop',
    'aaaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    'ann.lee@example.org',
    'AnnLeeAnnLee1',
    'bitcoin-mining1',
    'Antminer2026!',
    'x'.repeat(2000),
  ])('such as %.20s is not taken', (password) => {
    expect(passwordFault(password, ['ann.lee@example.org', 'Ann Lee'])).toBeTypeOf('string');
  });

  it.each(['correct horse battery', 'rain over Trondheim', 'kx8#Qm2!vLp0', 'ένα δύο τρία τέσσερα'])(
    'such as %s is taken',
    (password) => expect(passwordFault(password, ['ann.lee@example.org', 'Ann Lee'])).toBeUndefined(),
  );
});
