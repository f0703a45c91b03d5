// What to type into a miner, from what the operator says about it. Pure, so that the page and its tests agree on every character.

export interface WorkerParts {
  readonly tenant: string;
  readonly site: string;
  readonly rack: string;
  readonly machine: string;
}

export interface PasswordParts {
  /** Like `100T`; empty for none. */
  readonly rate: string;
  /** Starting difficulty; empty for none. */
  readonly difficulty: string;
  /** Reporting interval like `5m`; empty for none. */
  readonly interval: string;
}

/** As libs/tenancy takes them: no spaces, quotes or other characters that some firmware would mangle. */
const ALLOWED = /^[A-Za-z0-9._+@:/=-]+$/;
/** Some firmware cuts usernames here. */
const CUT_AT = 63;

/** `tenant.site.rack.machine`, without the parts left empty. */
export function username({ tenant, site, rack, machine }: WorkerParts): string {
  return [tenant, site, rack, machine]
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('.');
}

/** What is wrong with a username, in words, or undefined. */
export function usernameProblem(parts: WorkerParts): string | undefined {
  const name = username(parts);
  if (parts.tenant.trim() === '') return 'The tenant is missing: it is the first part of the username.';
  if (parts.tenant.includes('.')) return 'The tenant ends at the first dot: put the rest into the other fields.';
  if (!ALLOWED.test(name)) return 'Only letters, digits and . _ + @ : / = - are taken.';
  if (name.length > CUT_AT) return `${name.length} characters: some firmware cuts usernames at ${CUT_AT}.`;
  return undefined;
}

/** Comma-separated options; `x` when there is none, since some miners insist on a password. */
export function password({ rate, difficulty, interval }: PasswordParts): string {
  const options = [
    difficulty.trim() === '' ? '' : `d=${difficulty.trim()}`,
    rate.trim() === '' ? '' : `rate=${rate.trim()}`,
    interval.trim() === '' ? '' : `interval=${interval.trim()}`,
  ].filter((option) => option !== '');
  return options.length === 0 ? 'x' : options.join(',');
}

/** What is wrong with the options, in words, or undefined. */
export function passwordProblem(
  { rate, difficulty, interval }: PasswordParts,
  minimumDifficulty: number,
): string | undefined {
  if (rate.trim() !== '' && !/^\d+(\.\d+)?[kKMGTPE]?$/.test(rate.trim()))
    return 'The expected rate is a number with k, M, G, T, P or E, like 100T.';
  if (difficulty.trim() !== '') {
    const value = Number(difficulty);
    if (!Number.isFinite(value) || value <= 0) return 'The difficulty is a number above 0.';
    if (value < minimumDifficulty) return `The lowest difficulty of this pool is ${minimumDifficulty}.`;
  }
  if (interval.trim() !== '' && !/^\d+[smh]$/.test(interval.trim()))
    return 'The interval is a number with s, m or h, like 5m.';
  return undefined;
}

/** Splits `stratum+tcp://host:port`. */
export function hostAndPort(url: string): { host: string; port: string } {
  const match = /^(?:[a-z0-9+]+:\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?/i.exec(url);
  return { host: match?.[1] ?? url, port: match?.[2] ?? '' };
}

/** True for an address that only this machine itself can reach. */
export function isLoopback(url: string): boolean {
  const { host } = hostAndPort(url);
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
