// Which passwords are taken. Length is what counts (NIST SP 800-63B): there are no rules about digits or signs, but what would be guessed
// first is refused.
import { MAX_PASSWORD_LENGTH } from './passwords.ts';

export const MIN_PASSWORD_LENGTH = 12;

/** Beginnings of the passwords of twelve characters and more that are found most often, and words of this field. */
const OBVIOUS = [
  'password',
  'passw0rd',
  'letmein',
  'iloveyou',
  'qwertyuiop',
  'qwerty',
  'azerty',
  'asdfgh',
  'zxcvbn',
  '1q2w3e4r',
  '1qaz2wsx',
  'administrator',
  'admin',
  'welcome',
  'changeme',
  'default',
  'secret',
  'monkey',
  'dragon',
  'football',
  'baseball',
  'sunshine',
  'princess',
  'superman',
  'trustno1',
  'bitcoin',
  'litecoin',
  'antminer',
  'whatsminer',
  'stratum',
  'mining',
  'assay',
] as const;
/** What is left of a password without its obvious parts must be at least so long. */
const MIN_OWN = 6;

/** Why it is not taken, as a sentence; undefined when it is. @param about what is known of its user: name, e-mail address */
export function passwordFault(password: string, about: readonly string[]): string | undefined {
  const text = password.normalize('NFKC');
  if ([...text].length < MIN_PASSWORD_LENGTH) return `A password has at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (text.length > MAX_PASSWORD_LENGTH) return `A password has at most ${MAX_PASSWORD_LENGTH} characters.`;
  const plain = text.toLowerCase();
  const own = withoutParts(plain, [...partsOf(about), ...OBVIOUS]);
  if (own.replace(/[^\p{L}\p{N}]/gu, '').length < MIN_OWN || isMonotonous(plain))
    return 'The password is too easy to guess: it is made of a name, an e-mail address, a common word or a sequence. A few words that do not belong together are good.';
  return undefined;
}

function partsOf(about: readonly string[]): string[] {
  return about
    .flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)])
    .map((part) => part.toLowerCase())
    .filter((part) => part.length >= 3);
}

function withoutParts(text: string, parts: readonly string[]): string {
  return [...parts].sort((a, b) => b.length - a.length).reduce((rest, part) => rest.replaceAll(part, ' '), text);
}

/** One character, or a run of neighbours such as 123456789012 or abcdefghijkl, or one piece over and over. */
function isMonotonous(text: string): boolean {
  if (new Set(text).size < 5) return true;
  let neighbours = 0;
  for (let i = 1; i < text.length; i++) {
    const step = text.charCodeAt(i) - text.charCodeAt(i - 1);
    if (step === 1 || step === -1 || step === 0 || step === -9) neighbours++;
  }
  return neighbours >= text.length - 2 || /^(.{1,6})\1+.{0,5}$/u.test(text);
}
