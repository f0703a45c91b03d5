// Secrets that browsers and programs show to be let in. Each holds 256 random bits, so guessing is hopeless and a plain SHA-256 is enough to
// keep it by; only that hash is ever written down. What each is for shows in its first characters, so that people and secret scanners see it.
import { createHash, randomBytes } from 'node:crypto';

/** 32 bytes as base64url. */
const SECRET = '[A-Za-z0-9_-]{43}';
const SESSION = new RegExp(`^session_${SECRET}$`);
const API_KEY = new RegExp(`^assay_[a-z2-7]{10}_${SECRET}$`);
const LINK = new RegExp(`^${SECRET}$`);

/** Characters of an API key that tell it apart from others, and may be shown. */
const SHOWN_LENGTH = 'assay_'.length + 10;
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

export function newSessionToken(): string {
  return `session_${newSecret()}`;
}

export interface NewApiKey {
  readonly id: string;
  readonly token: string;
  /** The part that may be shown again. */
  readonly shown: string;
}

export function newApiKey(): NewApiKey {
  const id = [...randomBytes(10)].map((byte) => BASE32[byte % 32]).join('');
  const token = `assay_${id}_${newSecret()}`;
  return { id, token, shown: token.slice(0, SHOWN_LENGTH) };
}

/** Of a one-time link. */
export function newLinkToken(): string {
  return newSecret();
}

export function isLinkToken(text: string): boolean {
  return LINK.test(text);
}

/** What a token is for; undefined for what was never one, such as one cut short. */
export function kindOfToken(token: string): 'session' | 'api_key' | undefined {
  if (SESSION.test(token)) return 'session';
  return API_KEY.test(token) ? 'api_key' : undefined;
}

/** As it is written down: SHA-256, hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
