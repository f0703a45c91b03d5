// One-time codes by time (RFC 6238 over RFC 4226): six digits of HMAC-SHA-1 over half a minute, as every authenticator app makes them.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP_US = 30e6;
/** Steps by which the clocks may differ, either way. */
const LEEWAY_STEPS = 1;
const DIGITS = 6;
/** As long as the hash, which RFC 4226 recommends. */
const SECRET_BYTES = 20;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret, in base32 as apps read it. */
export function newTotpSecret(): string {
  return [...randomBytes(SECRET_BYTES).toString('hex').matchAll(/.{10}/g)]
    .map(([five]) =>
      BigInt(`0x${five}`)
        .toString(32)
        .padStart(8, '0')
        .replace(/./g, (digit) => BASE32[parseInt(digit, 32)]!),
    )
    .join('');
}

/** What apps read from a QR code: https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export function totpUri(secret: string, account: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** The step whose code it is, if that is about now and later than `lastStep`: no code is taken twice. Undefined when it is not right. */
export function totpStep(secret: string, code: string, nowUs: number, lastStep: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const now = Math.floor(nowUs / STEP_US);
  let found: number | undefined;
  for (let step = now - LEEWAY_STEPS; step <= now + LEEWAY_STEPS; step++) {
    const right = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code));
    if (right && step > lastStep) found ??= step;
  }
  return found;
}

export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[mac.length - 1]! & 0xf;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}

export function totpStepAt(nowUs: number): number {
  return Math.floor(nowUs / STEP_US);
}

function bytesOf(base32: string): Buffer {
  let bits = '';
  for (const letter of base32) bits += BASE32.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
}
