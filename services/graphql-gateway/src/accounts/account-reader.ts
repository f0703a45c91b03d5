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
  placesOf,
  tenantAccount,
  type Holding,
  type NetworkHour,
  type TenantAccount,
} from '@assay/settlement';
import { holdsAt, isUnder, tenantOf, type ControlObject } from '@assay/tenancy';
import { ClientError } from '../errors.ts';
import type { Moment } from '../operation/moment.ts';
import { placeSums } from '../queries/place-sums.ts';
import { REASONS } from '../queries/rollup-sums.ts';
import type { RollupRetention } from '../series/range-plan.ts';
import type { WorkerFacts } from '../workers/worker-facts.ts';
import type { AccountRange } from './account-range.ts';
import { AccountUptime } from './account-uptime.ts';
import type { NetworkPrices } from './network-prices.ts';

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

export interface AccountReaderPorts {
  readonly control: ControlLog;
  readonly clock: Clock;
  readonly prices: NetworkPrices;
  readonly retention: RollupRetention;
}

export class AccountReader {
  readonly #ports: AccountReaderPorts;

  constructor(ports: AccountReaderPorts) {
    this.#ports = ports;
  }

  get state() {
    return this.#ports.control.state;
  }

  get nowUs(): number {
    return this.#ports.clock.nowUs();
  }

  /** Undefined where the viewer does not see all of the tenant, or there is none. Throws ClientError. */
  async read(
    tenant: string,
    algorithm: Algorithm,
    rangeIn: () => AccountRange,
    moment: Moment,
    signal?: AbortSignal,
  ): Promise<ReadAccount | undefined> {
    if (!moment.maySee(tenant)) return undefined;
    const { state } = this;
    const { workers } = await moment.snapshot();
    const own = workers.filter((facts) => facts.tenant === tenant);
    const entry = state.get('tenant', tenant);
    if (entry === undefined && own.length === 0) return undefined;

    const range = rangeIn();
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
    const sums = await placeSums(moment.store, { tenant, algorithm, cuts, places, prices }, signal);
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
      name: entry?.body.name ?? tenant,
      algorithm,
      range,
      network,
      uptime: new AccountUptime({ tenant, algorithm, range, holdings, places, nowUs, store: moment.store, signal }),
      showsMoney: moment.maySeeMoney(tenant),
      nowUs,
    };
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
