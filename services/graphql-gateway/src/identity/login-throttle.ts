// How often somebody may try to log in: for each account and for each address some tries are free, and each failure after them doubles the time
// until the next. Pure but for what it remembers. It is this gateway's own: with several gateways a guesser has so many times the tries.
// Bounds: MAX_ENTRIES of each kind; the one that was tried longest ago gives way.
const MAX_ENTRIES = 20_000;
/** Failures are forgotten after so long without another. */
const FORGOTTEN_MS = 3_600_000;

interface Allowance {
  readonly free: number;
  readonly longestMs: number;
}

/** An hour of a guesser's time buys 16 guesses at an account. A person locked out by a guesser waits for 5 minutes at most. */
const ACCOUNT: Allowance = { free: 5, longestMs: 300_000 };
/** Many people may share an address. */
const ADDRESS: Allowance = { free: 30, longestMs: 300_000 };
const FIRST_WAIT_MS = 1000;

interface Tries {
  failures: number;
  lastMs: number;
}

/** A try that was let through, to be told how it ended. Until then it counts as a failure, so that tries at once are no way around. */
export interface LoginTry {
  /** It was right: the account's failures are forgotten. */
  succeeded(): void;
  /** It was neither right nor wrong, or not looked at. */
  takenBack(): void;
}

export type Admission =
  | { readonly allowed: true; readonly attempt: LoginTry }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

export class LoginThrottle {
  readonly #tries = new Map<string, Tries>();
  /** Accounts from where they were logged in to before: a guesser elsewhere does not lock them out there. */
  readonly #known = new Map<string, true>();

  /** @param account as it was typed in, whether there is one or not */
  admit(account: string, remoteAddress: string, nowMs: number): Admission {
    const name = account.trim().toLowerCase().slice(0, 254);
    const network = networkOf(remoteAddress);
    const pair = JSON.stringify([name, network]);
    // Where the account is known, its failures there are counted apart.
    const accountKey = this.#known.has(pair) ? pair : JSON.stringify([name]);
    const limits = [
      [accountKey, ACCOUNT],
      [network, ADDRESS],
    ] as const;
    const waitMs = Math.max(...limits.map(([key, allowance]) => this.#waitMs(key, allowance, nowMs)));
    if (waitMs > 0) return { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1000) };
    for (const [key] of limits) this.#failed(key, nowMs);
    return {
      allowed: true,
      attempt: {
        succeeded: () => {
          this.#tries.delete(accountKey);
          this.#forgive(network);
          remember(this.#known, pair, true);
        },
        takenBack: () => limits.forEach(([key]) => this.#forgive(key)),
      },
    };
  }

  #waitMs(key: string, { free, longestMs }: Allowance, nowMs: number): number {
    const tries = this.#tries.get(key);
    if (tries === undefined || tries.failures < free) return 0;
    if (nowMs - tries.lastMs > FORGOTTEN_MS) {
      this.#tries.delete(key);
      return 0;
    }
    const pauseMs = Math.min(longestMs, FIRST_WAIT_MS * 2 ** Math.min(tries.failures - free, 30));
    return tries.lastMs + pauseMs - nowMs;
  }

  #failed(key: string, nowMs: number): void {
    const before = this.#tries.get(key);
    const failures = before !== undefined && nowMs - before.lastMs <= FORGOTTEN_MS ? before.failures : 0;
    remember(this.#tries, key, { failures: failures + 1, lastMs: nowMs });
  }

  #forgive(key: string): void {
    const tries = this.#tries.get(key);
    if (tries !== undefined) tries.failures = Math.max(0, tries.failures - 1);
  }
}

/** The newest entry is the last one of a Map. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MAX_ENTRIES) for (const oldest of map.keys()) return void map.delete(oldest);
}

/** Who has one IPv6 address mostly has 2^64 of them. */
function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = tail === undefined ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(Math.max(0, zeros)).fill('0'), ...rest].slice(0, 4).join(':');
}
