// A tenant's account of some days, as a viewer may see it: the one source of what the schema, the report as a page, as a PDF and as CSV say.
// Invariant: only who sees all of the tenant is answered, and every row is read with their eyes, so that of machines held from others nothing counts
// but the time in which they are held.
import type { ControlLog } from '@assay/control-log';
import type { Clock } from '@assay/kernel';
import type { Algorithm } from '@assay/mining';
import {
  cutsOf,
  heldSpan,
  overlap,
  placesAbove,
  placesOf,
  tenantAccount,
  type Holding,
  type NetworkHour,
  type TenantAccount,
} from '@assay/settlement';
import { holdsAt, isUnder, tenantOf, type ControlObject } from '@assay/tenancy';
import { BudgetedCache } from '../budgeted-cache.ts';
import { ClientError } from '../errors.ts';
import type { Moment } from '../operation/moment.ts';
import { placeSums } from '../queries/place-sums.ts';
import { REASONS } from '../queries/rollup-sums.ts';
import type { RollupRetention } from '../series/range-plan.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';
import type { AccountRange } from './account-range.ts';
import { AccountUptime, accountUptimes, type AccountUptimes, type UptimeAsked } from './account-uptime.ts';
import { KeptHours } from './kept-hours.ts';
import type { NetworkPrices } from './network-prices.ts';

/** Accounts kept for who asks again, as pages that stay open do each minute; the one not asked for longest goes first. A holding's month takes 10 KB. */
const MAX_KEPT = 100;
const FRESH_US = 60e6;
/** Of some thousand machines it takes seconds: then who comes is given what was known some minutes ago, while it is worked out anew. */
const UPTIME = { freshMs: 55_000, staleMs: 60_000, costlyStaleMs: 600_000, staleFactor: 2000 };
/** A month of so many machines takes long to look through for the first time: a page is told the rest without waiting for it, and asks again anyway. */
const MANY_MACHINES = 10_000;
const MANY_WAIT_MS = 100;
/** Not as long as requests may take. */
const LONGEST_WAIT_MS = 20_000;

/** Ownerships one account may have part in: each is worked out day by day. */
const MAX_HOLDINGS = 500;
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

export interface ReadAccount extends TenantAccount {
  readonly tenant: string;
  /** As people call it. */
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly range: AccountRange;
  readonly network: readonly NetworkHour[];
  /** Asked of the store only where it is read. */
  readonly uptime: AccountUptime;
  /** Whether the viewer may see what it would earn. */
  readonly showsMoney: boolean;
  readonly nowUs: number;
}

/** What is the same for all who ask in a minute. */
interface KeptAccount extends Omit<ReadAccount, 'uptime' | 'showsMoney'> {
  readonly uptimes: BudgetedCache<AccountUptimes | undefined>;
  /** Known to be at its places now; one that is at several may count for each. */
  readonly machines: number;
}

interface Asked {
  readonly tenant: string;
  readonly algorithm: Algorithm;
  readonly range: AccountRange;
  /** All that the viewer sees, and of these the tenant's. */
  readonly workers: readonly WorkerFacts[];
  readonly own: readonly WorkerFacts[];
  readonly name: string;
  readonly moment: Moment;
  /** What the account is kept under. */
  readonly key: string;
}

export interface AccountReaderPorts {
  readonly control: ControlLog;
  readonly clock: Clock;
  readonly prices: NetworkPrices;
  readonly retention: RollupRetention;
}

export class AccountReader {
  readonly #ports: AccountReaderPorts;

  readonly #kept = new Map<string, { readonly account: Promise<KeptAccount>; readonly atUs: number }>();
  /** Of the same accounts, for as long as nobody's part changes. */
  readonly #uptimes = new Map<string, BudgetedCache<AccountUptimes | undefined>>();
  readonly #hours = new KeptHours();

  constructor(ports: AccountReaderPorts) {
    this.#ports = ports;
    ports.control.onChange(({ changed }) => {
      if (changed.some(({ kind }) => kind === 'ownership' || kind === 'tenant')) {
        this.#kept.clear();
        this.#uptimes.clear();
      }
    });
  }

  get state() {
    return this.#ports.control.state;
  }

  get nowUs(): number {
    return this.#ports.clock.nowUs();
  }

  /**
   * At most a minute old, as `nowUs` says; the uptime of many machines up to ten. @param isReport whether it is for good, and so rather late than without
   * uptime. Undefined where the viewer does not see all of the tenant, or there is none. Throws ClientError.
   */
  async read(
    tenant: string,
    algorithm: Algorithm,
    rangeIn: () => AccountRange,
    moment: Moment,
    isReport = false,
  ): Promise<ReadAccount | undefined> {
    if (!moment.maySee(tenant)) return undefined;
    const { state } = this;
    const { workers } = await moment.snapshot();
    const own = workers.filter((facts) => facts.tenant === tenant);
    const entry = state.get('tenant', tenant);
    if (entry === undefined && own.length === 0) return undefined;

    const range = rangeIn();
    const showsMoney = moment.maySeeMoney(tenant);
    // What somebody sees of it is part of what it is kept under.
    const key = JSON.stringify([
      moment.visibility.key,
      tenant,
      algorithm,
      range.timeZone,
      range.days[0],
      range.days.length,
    ]);
    const kept = this.#kept.get(key);
    const isFresh = kept !== undefined && this.nowUs - kept.atUs < FRESH_US;
    const entryNow = isFresh
      ? kept
      : {
          account: this.#make({
            tenant,
            algorithm,
            range,
            workers,
            own,
            name: entry?.body.name ?? tenant,
            moment,
            key,
          }),
          atUs: this.nowUs,
        };
    this.#kept.delete(key);
    this.#kept.set(key, entryNow);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    try {
      const { uptimes, ...account } = await entryNow.account;
      const waitMs = account.machines >= MANY_MACHINES && !isReport ? MANY_WAIT_MS : LONGEST_WAIT_MS;
      return { ...account, uptime: new AccountUptime(() => uptimes.get(), waitMs), showsMoney };
    } catch (error) {
      // Whoever comes next asks the store again.
      if (this.#kept.get(key) === entryNow) this.#kept.delete(key);
      throw error;
    }
  }

  async #make({ tenant, algorithm, range, workers, own, name, moment, key }: Asked): Promise<KeptAccount> {
    const { nowUs } = this;
    const holdings = this.#holdings(tenant, range, workers, nowUs);
    const cuts = cutsOf(range.days, holdings);
    const places = placesOf(tenant, holdings);
    const network = await this.#ports.prices.hours(algorithm, range.days[0]!.fromUs, range.days.at(-1)!.untilUs);
    const prices = new Map(
      network.flatMap(({ atSeconds, coinsPerDifficulty }) =>
        coinsPerDifficulty === undefined ? [] : [[atSeconds / HOUR_SECONDS, coinsPerDifficulty] as const],
      ),
    );
    const sums = await placeSums(moment.store, { tenant, algorithm, cuts, places, prices });
    const machines = machinesAt(places, workers);
    const uptimes = this.#uptimesOf(key, {
      tenant,
      algorithm,
      range,
      holdings,
      places,
      store: moment.store,
      visibilityKey: moment.visibility.key,
      machines,
    });
    const { rollup_1h, rollup_1m } = this.#ports.retention;
    const account = tenantAccount({
      tenant,
      algorithm,
      days: range.days,
      holdings,
      cuts,
      sums,
      nowUs,
      ownExpectedHashRateHs: own.length === 0 ? 0 : expectedOf(own),
      hoursKeptSinceSeconds: nowUs / 1e6 - rollup_1h * DAY_SECONDS,
      minutesKeptSinceSeconds: nowUs / 1e6 - rollup_1m * DAY_SECONDS,
      reasons: REASONS.length,
    });
    return {
      ...account,
      tenant,
      name,
      algorithm,
      range,
      network,
      uptimes,
      machines: [...machines.values()].reduce((sum, count) => sum + count, 0),
      nowUs,
    };
  }

  #uptimesOf(key: string, asked: Omit<UptimeAsked, 'nowUs'>): BudgetedCache<AccountUptimes | undefined> {
    const uptimes =
      this.#uptimes.get(key) ??
      new BudgetedCache(() => accountUptimes(this.#hours, { ...asked, nowUs: this.nowUs }), this.#ports.clock, UPTIME);
    this.#uptimes.delete(key);
    this.#uptimes.set(key, uptimes);
    if (this.#uptimes.size > MAX_KEPT) this.#uptimes.delete(this.#uptimes.keys().next().value!);
    return uptimes;
  }

  /** Those in force at some time of the range, by when they begin. */
  #holdings(tenant: string, { days }: AccountRange, workers: readonly WorkerFacts[], nowUs: number): Holding[] {
    const whole = { fromSeconds: days[0]!.fromUs / 1e6, untilSeconds: days.at(-1)!.untilUs / 1e6 };
    const found = this.state
      .ownershipsOf(tenant)
      .filter(({ body }) => overlap(heldSpan(body), whole) !== undefined)
      .sort((a, b) => a.body.fromUs - b.body.fromUs || (a.id < b.id ? -1 : 1));
    if (found.length > MAX_HOLDINGS)
      throw new ClientError(
        'QUERY_TOO_COMPLEX',
        `The tenant has part in ${found.length} ownerships in these days; at most ${MAX_HOLDINGS} are worked out. Ask for fewer days, or have them entered by site or rack.`,
      );
    return found.map((one) => holdingOf(one, workers, nowUs));
  }
}

/** How many of the workers are at each of the places. */
function machinesAt(places: readonly string[], workers: readonly WorkerFacts[]): ReadonlyMap<string, number> {
  const counts = new Map(places.map((place) => [place, 0]));
  const tenants = new Set(places.map(tenantOf));
  for (const { worker, tenant } of workers) {
    if (!tenants.has(tenant)) continue;
    for (const place of [worker, ...placesAbove(worker)]) {
      const count = counts.get(place);
      if (count !== undefined) counts.set(place, count + 1);
    }
  }
  return counts;
}

/** What was promised is on record, or else it is what the machines are expected to do now: of a holding that has ended, nothing then. */
function holdingOf({ id, body }: ControlObject<'ownership'>, workers: readonly WorkerFacts[], nowUs: number): Holding {
  const { of, holder, fraction, fromUs, untilUs, promisedHashRateHs } = body;
  const machines = holdsAt(body, nowUs) ? workers.filter(({ worker }) => isUnder(worker, of)) : [];
  const expected = expectedOf(machines);
  const expectedHashRateHs = expected === undefined ? undefined : expected * fraction;
  return {
    id,
    of,
    holder,
    fraction,
    fromUs,
    untilUs,
    promisedHashRateHs: promisedHashRateHs ?? expectedHashRateHs,
    expectedHashRateHs,
  };
}

/** Of those of which somebody has said something; undefined where nobody has of any. */
function expectedOf(workers: readonly WorkerFacts[]): number | undefined {
  const said = workers.flatMap(({ expectedHashRateHs }) =>
    expectedHashRateHs === undefined ? [] : [expectedHashRateHs],
  );
  return said.length === 0 ? undefined : said.reduce((sum, one) => sum + one, 0);
}

export function ownerOf({ of }: Holding): string {
  return tenantOf(of);
}
