// The password of a miner carries options, since a miner's settings hold nothing else: `d=65536,interval=5m,rate=100T,secret`.
// Whatever is no valid option belongs to the worker's secret, so that a secret may hold any character but a leading option.

export interface PasswordOptions {
  /** `d=`: the difficulty to start with, in the algorithm's own convention. */
  readonly difficulty: number | undefined;
  /** `interval=`: the reporting interval, seconds. */
  readonly reportingIntervalSeconds: number | undefined;
  /** `rate=`: the hash rate the machine should deliver, hashes per second. */
  readonly expectedHashRateHs: number | undefined;
  /** Everything else, joined by commas as it stood; empty when there was nothing else. */
  readonly secret: string;
}

/** Longest password read; what follows is cut. Firmware cuts far earlier. */
export const MAX_PASSWORD_LENGTH = 256;

/** As many decimals as a program prints of a fraction. */
const DECIMAL = '(\\d{1,18}(?:\\.\\d{1,20})?|\\.\\d{1,20})';
const DIFFICULTY = new RegExp(`^${DECIMAL}$`);
const INTERVAL = /^(\d{1,6})(s|m|h|d)?$/i;
const HASH_RATE = new RegExp(`^${DECIMAL}\\s?([kKMGTPE]?)(?:[hH](?:/s)?)?$`);

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const MAGNITUDE: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
};

/** Parses `100T`, `1.5 PH/s`, `500MH`, `25000` as hashes per second; undefined when it is none of these or not above 0. */
export function parseHashRate(text: string): number | undefined {
  const match = HASH_RATE.exec(text.trim());
  if (match === null) return undefined;
  return positive(Number(match[1]) * MAGNITUDE[match[2]!]!);
}

/** Parses `90`, `90s`, `5m`, `1h` as seconds, at most a day; undefined when it is none of these. */
export function parseInterval(text: string): number | undefined {
  const match = INTERVAL.exec(text.trim());
  if (match === null) return undefined;
  const seconds = positive(Number(match[1]) * SECONDS[(match[2] ?? 's').toLowerCase()]!);
  return seconds !== undefined && seconds <= 86_400 ? seconds : undefined;
}

/** Never fails: a password without options is a secret. Of an option given twice the last counts. */
export function parsePasswordOptions(password: string): PasswordOptions {
  let difficulty: number | undefined;
  let reportingIntervalSeconds: number | undefined;
  let expectedHashRateHs: number | undefined;
  const rest: string[] = [];
  for (const part of password.slice(0, MAX_PASSWORD_LENGTH).split(',')) {
    const equals = part.indexOf('=');
    const key = equals < 0 ? '' : part.slice(0, equals).trim().toLowerCase();
    const value = part.slice(equals + 1).trim();
    const parsed =
      key === 'd'
        ? parseDifficulty(value)
        : key === 'interval'
          ? parseInterval(value)
          : key === 'rate'
            ? parseHashRate(value)
            : undefined;
    if (parsed === undefined) rest.push(part);
    else if (key === 'd') difficulty = parsed;
    else if (key === 'interval') reportingIntervalSeconds = parsed;
    else expectedHashRateHs = parsed;
  }
  return { difficulty, reportingIntervalSeconds, expectedHashRateHs, secret: rest.join(',') };
}

function parseDifficulty(text: string): number | undefined {
  const match = DIFFICULTY.exec(text);
  return match === null ? undefined : positive(Number(match[1]));
}

function positive(value: number): number | undefined {
  return value > 0 && Number.isFinite(value) ? value : undefined;
}
