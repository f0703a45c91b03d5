// What upstream pools and nodes were passed on and what they credited, as the schema spells it.
import { historyHours } from '../argument-bounds.ts';
import { upstreamTotals, type UpstreamTotals } from '../queries/upstream-shares.ts';
import type { ResolverPorts } from './ports.ts';
import { hashRateValue } from './share-values.ts';

export interface UpstreamsArguments {
  readonly tenant?: string | null;
  readonly hours: number | null;
}

/** Throws ClientError BAD_USER_INPUT. */
export async function upstreams({ store, clock }: ResolverPorts, args: UpstreamsArguments): Promise<object[]> {
  const hours = historyHours(args.hours);
  return (await upstreamTotals(store, args.tenant ?? undefined, clock.nowUs(), hours)).map(upstreamValue);
}

function upstreamValue(totals: UpstreamTotals): object {
  const { credited, rejected, passedOnRate, creditedRate, latencyP50Ms, latencyP99Ms, lastCreditedUs } = totals;
  return {
    ...totals,
    rejectedFraction: credited + rejected === 0 ? null : rejected / (credited + rejected),
    byReason: totals.reasons,
    passedOnHashRate: hashRateValue(passedOnRate),
    creditedHashRate: hashRateValue(creditedRate),
    latencyP50Ms: latencyP50Ms ?? null,
    latencyP99Ms: latencyP99Ms ?? null,
    lastCreditedAt: lastCreditedUs ?? null,
  };
}
