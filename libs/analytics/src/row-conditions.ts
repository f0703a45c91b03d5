// Which rows of each table somebody may read, as conditions in ClickHouse's SQL: one rule per table, in one place, for every way of reading.
// Invariant: a table without a rule is read by nobody whose sight is limited; the condition lets through just the rows for which
// `Visibility.seesRow` says so.
import type { Visibility } from '@assay/tenancy';

export type RowRule =
  /** Rows about a worker (`tenant`, `worker`) from a moment on, for so many seconds; 0 for what happens at once. */
  | { readonly kind: 'worker_time'; readonly at: string; readonly precise: boolean; readonly seconds: number }
  /** Rows about a worker for all time. Who only holds a share of one for some time does not see them. */
  | { readonly kind: 'worker' }
  /** What belongs to the pool and to no tenant. */
  | { readonly kind: 'pool' };

const MOMENT = (at: string): RowRule => ({ kind: 'worker_time', at, precise: true, seconds: 0 });
const BUCKET = (seconds: number): RowRule => ({ kind: 'worker_time', at: 'at', precise: false, seconds });

/** Of every table and view of the database `assay`. */
export const ROW_RULES: Readonly<Record<string, RowRule>> = {
  shares: MOMENT('submitted_at'),
  rollup_1m: BUCKET(60),
  rollup_1h: BUCKET(3600),
  rollup_1d: BUCKET(86_400),
  // Of these the `worker` is a site. Who holds some machines of a site does not see it; who holds the site does.
  site_1m: BUCKET(60),
  site_1h: BUCKET(3600),
  latency_1m: BUCKET(60),
  latency_1h: BUCKET(3600),
  events: MOMENT('at'),
  workers: { kind: 'worker' },
  upstream_shares: MOMENT('submitted_at'),
  upstream_ledger: MOMENT('submitted_at'),
  jobs: { kind: 'pool' },
  upstream_jobs: { kind: 'pool' },
  schema_migrations: { kind: 'pool' },
};

/** What views read. */
export const VIEWS: Readonly<Record<string, readonly string[]>> = {
  upstream_ledger: ['shares', 'upstream_shares', 'upstream_jobs'],
};

/** The parts of a visibility as expressions: of their values, or of where they are found when the statement runs. */
export interface VisibilityExpressions {
  /** UInt8 each. */
  readonly everyWorker: string;
  readonly pool: string;
  /** Array(String) each. */
  readonly tenants: string;
  readonly sites: string;
  /** The tenants that sites and held parts are of: by them the primary key finds their rows. */
  readonly siteTenants: string;
  readonly heldTenants: string;
  /**
   * What is held, as Array(String) of keys that never is empty, and beside it since when and until when, Array(Int64) in microseconds since 1970
   * with NO_END without an end. A place that is held several times has a key for each: its name, a space and 0, 1 and so on.
   */
  readonly heldKeys: string;
  readonly heldFrom: string;
  readonly heldUntil: string;
  /** UInt32. How many keys a place can have. */
  readonly heldTimes: string;
}

/** Later than any row: the end of 2261, in microseconds. */
export const NO_END = 9_214_646_400_000_000;

/** The condition for a table; undefined where all of it may be read. Throws when the table has no rule. */
export function rowCondition(table: string, visibility: Visibility): string | undefined {
  const rule = ruleOf(table);
  const { everyWorker, pool, tenants, sites, held } = visibility.parts;
  if (everyWorker && pool) return undefined;
  if (rule.kind === 'pool') return pool ? undefined : '0';
  if (everyWorker) return "worker != ''";
  const alternatives = [
    ...(tenants.length > 0 ? [ofTenants(strings(tenants))] : []),
    ...(sites.length > 0 ? [ofSites(strings(tenantsOf(sites)), strings(sites))] : []),
    ...(held.length > 0 && rule.kind === 'worker_time' ? [ofHeld(rule, literals(visibility))] : []),
    ...(pool ? ["worker = ''"] : []),
  ];
  return alternatives.length === 0 ? '0' : alternatives.map((one) => `(${one})`).join(' OR ');
}

/** The same for whoever the expressions speak of: for statements that are written before it is known who runs them. */
export function rowConditionOver(table: string, of: VisibilityExpressions): string {
  const rule = ruleOf(table);
  if (rule.kind === 'pool') return `${of.pool} = 1`;
  const alternatives = [
    `${of.everyWorker} = 1 AND worker != ''`,
    ofTenants(of.tenants),
    ofSites(of.siteTenants, of.sites),
    ...(rule.kind === 'worker_time' ? [ofHeld(rule, of)] : []),
    `${of.pool} = 1 AND worker = ''`,
  ];
  return alternatives.map((one) => `(${one})`).join(' OR ');
}

/** A visibility as values, in the form `rowConditionOver` reads. */
export function visibilityValues(visibility: Visibility) {
  const { everyWorker, pool, tenants, sites, held } = visibility.parts;
  const times = new Map<string, number>();
  const keys = held.map(({ of }) => {
    const before = times.get(of) ?? 0;
    times.set(of, before + 1);
    return `${of} ${before}`;
  });
  return {
    everyWorker: everyWorker ? 1 : 0,
    pool: pool ? 1 : 0,
    tenants,
    sites,
    siteTenants: tenantsOf(sites),
    heldTenants: tenantsOf(held.map(({ of }) => of)),
    heldKeys: [NO_KEY, ...keys],
    heldFrom: [NO_END, ...held.map(({ fromUs }) => fromUs)],
    heldUntil: [0, ...held.map(({ untilUs = NO_END }) => untilUs)],
    heldTimes: Math.max(0, ...times.values()),
  };
}

/** The key of nothing. */
const NO_KEY = '';

function literals(visibility: Visibility): VisibilityExpressions {
  const values = visibilityValues(visibility);
  return {
    everyWorker: String(values.everyWorker),
    pool: String(values.pool),
    tenants: strings(values.tenants),
    sites: strings(values.sites),
    siteTenants: strings(values.siteTenants),
    heldTenants: strings(values.heldTenants),
    heldKeys: strings(values.heldKeys),
    heldFrom: numbers(values.heldFrom),
    heldUntil: numbers(values.heldUntil),
    heldTimes: String(values.heldTimes),
  };
}

function ruleOf(table: string): RowRule {
  const rule = Object.hasOwn(ROW_RULES, table) ? ROW_RULES[table] : undefined;
  if (rule === undefined) throw new Error(`the table ${table} has no rule about who may read which of its rows`);
  return rule;
}

function ofTenants(tenants: string): string {
  return `has(${tenants}, tenant)`;
}

function ofSites(tenants: string, sites: string): string {
  return `has(${tenants}, tenant) AND arrayExists(site -> ${isUnder('site')}, ${sites})`;
}

/**
 * The worker's own name and those of the places it lies below are looked up among what is held: a hash map that `transform` makes once of the
 * arrays. To compare each row with each part would take memory for all pairs: 1 GiB for a day of 1,000 workers and 1,000 parts.
 */
function ofHeld(
  { at, precise, seconds }: RowRule & { readonly kind: 'worker_time' },
  { heldTenants, heldKeys, heldFrom, heldUntil, heldTimes }: VisibilityExpressions,
): string {
  const beginsUs = precise ? `toUnixTimestamp64Micro(${at})` : `toInt64(toUnixTimestamp(${at})) * 1000000`;
  const lastUs = seconds === 0 ? beginsUs : `${beginsUs} + ${seconds * 1_000_000 - 1}`;
  const parts = "splitByChar('.', toString(worker))";
  const names = `arrayMap(n -> arrayStringConcat(arraySlice(${parts}, 1, n), '.'), range(1, toUInt64(length(${parts}) + 1)))`;
  const keys = `arrayFlatten(arrayMap(name -> arrayMap(time -> concat(name, ' ', toString(time)), range(${heldTimes})), ${names}))`;
  const since = `transform(held, ${heldKeys}, ${heldFrom}, toInt64(${NO_END}))`;
  const until = `transform(held, ${heldKeys}, ${heldUntil}, toInt64(0))`;
  return `has(${heldTenants}, tenant) AND arrayExists(held -> ${beginsUs} >= ${since} AND ${lastUs} < ${until}, ${keys})`;
}

/** Whether the worker is the place or lies below it. */
function isUnder(place: string): string {
  return `(toString(worker) = ${place} OR startsWith(toString(worker), concat(${place}, '.')))`;
}

function tenantsOf(names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => name.split('.', 1)[0]!))];
}

function strings(values: readonly string[]): string {
  return `[${values.map(quoted).join(', ')}]`;
}

function numbers(values: readonly number[]): string {
  return `[${values.map((value) => `toInt64(${value})`).join(', ')}]`;
}

/** A string literal that nothing in the text can end. */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`;
}
