// What upstream pools and nodes were passed on and credited, and what was verified of their work, as the schema spells it. The first comes from
// one row a share passed on; the second reads raw shares, which are many, so it is asked of the store only when a client asks for it.
import { ZERO_HASH_RATE } from '@assay/rollup';
import { historyHours } from '../argument-bounds.ts';
import { EVERYTHING } from '@assay/tenancy';
import { BudgetedCache } from '../budgeted-cache.ts';
import type { OperationContext } from '../operation/context.ts';
import { upstreamsInUse, upstreamTotals, type UpstreamTotals } from '../queries/upstream-shares.ts';
import { upstreamVerified, type UpstreamVerified } from '../queries/upstream-verified.ts';
import type { RowReader } from '../queries/store-reader.ts';
import type { ResolverPorts } from './ports.ts';
import { hashRateValue } from './share-values.ts';

export interface UpstreamsArguments {
  readonly tenant?: string | null;
  readonly hours: number | null;
}

type Verified = Pick<UpstreamVerified, 'verified' | 'qualifying' | 'verifiedRate'>;

const DEFAULT_HOURS = 24;
const NOTHING_VERIFIED: Verified = { verified: 0, qualifying: 0, verifiedRate: ZERO_HASH_RATE };

export function upstreamsResolver({ store, clock }: ResolverPorts) {
  const pool = store.for(EVERYTHING);
  // What every dashboard of the operator shows is asked for once for all of them.
  const totalsOfAll = new BudgetedCache(() => listed(pool, true, undefined, DEFAULT_HOURS), clock, {
    freshMs: 5_000,
    staleMs: 60_000,
  });
  const verifiedOfAll = new BudgetedCache(
    () => upstreamVerified(pool, undefined, clock.nowUs(), DEFAULT_HOURS),
    clock,
    { freshMs: 60_000, staleMs: 600_000 },
  );

  /**
   * Of the pool's machines, also upstreams whose jobs were given out and that were passed on nothing: that is what one has to see. Who does
   * not see the pool is told of those only that something of their own machines was passed on to.
   */
  async function listed(
    reader: RowReader,
    seesPool: boolean,
    tenant: string | undefined,
    hours: number,
  ): Promise<UpstreamTotals[]> {
    const nowUs = clock.nowUs();
    const [totals, inUse] = await Promise.all([
      upstreamTotals(reader, tenant, nowUs, hours),
      tenant === undefined && seesPool ? upstreamsInUse(reader, nowUs, hours) : [],
    ]);
    const all = new Map([...inUse, ...totals].map((one) => [keyOf(one), one]));
    return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }

  /** Throws ClientError BAD_USER_INPUT. */
  return async (_root: unknown, args: UpstreamsArguments, { moment }: OperationContext): Promise<object[]> => {
    const tenant = args.tenant ?? undefined;
    const hours = historyHours(args.hours);
    const isDefault = tenant === undefined && hours === DEFAULT_HOURS && moment.visibility.everything;
    const totals = isDefault ? await totalsOfAll.get() : await listed(moment.store, moment.seesPool, tenant, hours);
    let asked: Promise<ReadonlyMap<string, Verified>> | undefined;
    const verified = async (one: UpstreamTotals): Promise<Verified> => {
      asked ??= (isDefault ? verifiedOfAll.get() : upstreamVerified(moment.store, tenant, clock.nowUs(), hours)).then(
        (found) => new Map(found.map((entry) => [keyOf(entry), entry])),
      );
      return (await asked).get(keyOf(one)) ?? NOTHING_VERIFIED;
    };
    return totals.map((one) => upstreamValue(one, () => verified(one)));
  };
}

function keyOf({ source, endpoint }: { readonly source: string; readonly endpoint: string }): string {
  return `${source} ${endpoint}`;
}

function upstreamValue(totals: UpstreamTotals, verified: () => Promise<Verified>): object {
  const { credited, rejected, latencyP50Ms, latencyP99Ms, lastCreditedUs } = totals;
  return {
    ...totals,
    rejectedFraction: credited + rejected === 0 ? null : rejected / (credited + rejected),
    byReason: totals.reasons,
    verified: async () => (await verified()).verified,
    qualifying: async () => (await verified()).qualifying,
    verifiedHashRate: async () => hashRateValue((await verified()).verifiedRate),
    passedOnHashRate: hashRateValue(totals.passedOnRate),
    creditedHashRate: hashRateValue(totals.creditedRate),
    latencyP50Ms: latencyP50Ms ?? null,
    latencyP99Ms: latencyP99Ms ?? null,
    lastCreditedAt: lastCreditedUs ?? null,
  };
}
