// What was verified of the work of upstream pools and nodes, and what they credited, as the schema spells it.
import { ZERO_HASH_RATE } from '@assay/rollup';
import { historyHours } from '../argument-bounds.ts';
import { BudgetedCache } from '../budgeted-cache.ts';
import { upstreamTotals, type UpstreamTotals } from '../queries/upstream-shares.ts';
import { upstreamVerified, type UpstreamVerified } from '../queries/upstream-verified.ts';
import type { ResolverPorts } from './ports.ts';
import { hashRateValue } from './share-values.ts';

export interface UpstreamsArguments {
  readonly tenant?: string | null;
  readonly hours: number | null;
}

type Upstream = UpstreamTotals & UpstreamVerified;

const DEFAULT_HOURS = 24;
const NOTHING_VERIFIED = { verified: 0, qualifying: 0, verifiedRate: ZERO_HASH_RATE };
const NOTHING_PASSED_ON = {
  passedOn: 0,
  credited: 0,
  rejected: 0,
  unanswered: 0,
  unsent: 0,
  blockCandidates: 0,
  passedOnRate: ZERO_HASH_RATE,
  creditedRate: ZERO_HASH_RATE,
  latencyP50Ms: undefined,
  latencyP99Ms: undefined,
  lastCreditedUs: undefined,
  reasons: [],
};

export function upstreamsResolver({ store, clock }: ResolverPorts) {
  const ask = async (tenant: string | undefined, hours: number): Promise<Upstream[]> => {
    const nowUs = clock.nowUs();
    const [passedOn, verified] = await Promise.all([
      upstreamTotals(store, tenant, nowUs, hours),
      upstreamVerified(store, tenant, nowUs, hours),
    ]);
    return merged(passedOn, verified);
  };
  // What every dashboard shows is asked for once for all of them.
  const ofAll = new BudgetedCache(() => ask(undefined, DEFAULT_HOURS), clock, { freshMs: 5_000, staleMs: 60_000 });

  /** Throws ClientError BAD_USER_INPUT. */
  return async (_root: unknown, args: UpstreamsArguments): Promise<object[]> => {
    const tenant = args.tenant ?? undefined;
    const hours = historyHours(args.hours);
    const found = tenant === undefined && hours === DEFAULT_HOURS ? await ofAll.get() : await ask(tenant, hours);
    return found.map(upstreamValue);
  };
}

/** An upstream that was passed on nothing of what was verified is there too: that is what one has to see. */
function merged(passedOn: readonly UpstreamTotals[], verified: readonly UpstreamVerified[]): Upstream[] {
  const all = new Map<string, Upstream>();
  const keyOf = ({ source, endpoint }: { source: string; endpoint: string }): string => `${source} ${endpoint}`;
  for (const one of passedOn) all.set(keyOf(one), { ...NOTHING_VERIFIED, ...one });
  for (const one of verified) all.set(keyOf(one), { ...NOTHING_PASSED_ON, ...all.get(keyOf(one)), ...one });
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, upstream]) => upstream);
}

function upstreamValue(upstream: Upstream): object {
  const { credited, rejected, latencyP50Ms, latencyP99Ms, lastCreditedUs } = upstream;
  return {
    ...upstream,
    rejectedFraction: credited + rejected === 0 ? null : rejected / (credited + rejected),
    byReason: upstream.reasons,
    verifiedHashRate: hashRateValue(upstream.verifiedRate),
    passedOnHashRate: hashRateValue(upstream.passedOnRate),
    creditedHashRate: hashRateValue(upstream.creditedRate),
    latencyP50Ms: latencyP50Ms ?? null,
    latencyP99Ms: latencyP99Ms ?? null,
    lastCreditedAt: lastCreditedUs ?? null,
  };
}
