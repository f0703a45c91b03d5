// A tenant's account as the schema spells it.
import type { Algorithm } from '@assay/mining';
import type { DayFigures, HoldingAccount, Measured, TotalFigures } from '@assay/settlement';
import { daysFrom, timeZoneOf } from '../../accounts/account-range.ts';
import { ownerOf, type ReadAccount } from '../../accounts/account-reader.ts';
import type { UptimeByDay } from '../../accounts/account-uptime.ts';
import { missingParts } from '../../accounts/missing-parts.ts';
import { networkDays } from '../../accounts/network-days.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { ResolverPorts } from '../ports.ts';
import { shareCountsValue } from '../share-values.ts';

interface AccountArguments {
  readonly tenant: string;
  readonly from?: string | null;
  readonly days: number | null;
  readonly algorithm: Algorithm | null;
}

const DEFAULT_DAYS = 31;

export function accountsQueries({ accounts }: ResolverPorts) {
  return {
    account: async (_root: unknown, args: AccountArguments, { moment }: OperationContext) => {
      const { tenant, from, days, algorithm } = args;
      const range = () =>
        daysFrom(from ?? undefined, days ?? DEFAULT_DAYS, timeZoneOf(tenant, accounts.state), accounts.nowUs);
      const account = await accounts.read(tenant, algorithm ?? 'sha256d', range, moment);
      if (account === undefined) return null;
      return {
        tenant,
        name: account.name,
        timeZone: account.range.timeZone,
        algorithm: account.algorithm,
        contributed: figuresValue(account.contributed, account, () => account.uptime.contributed()),
        held: account.held.map((one) => holdingValue(one, account)),
        given: account.given.map((one) => holdingValue(one, account)),
        network: networkDays(account.network, account.range.days).map(({ reward, fees, ...day }) => ({
          ...day,
          reward: reward ?? null,
          fees: fees ?? null,
        })),
        missing: async () => missingParts(account, await moment.snapshot()),
      };
    },
  };
}

function holdingValue(one: HoldingAccount, account: ReadAccount): object {
  const { holding } = one;
  return {
    id: holding.id,
    of: holding.of,
    owner: ownerOf(holding),
    holder: holding.holder,
    fraction: holding.fraction,
    from: holding.fromUs,
    until: holding.untilUs ?? null,
    promisedHashRate: holding.promisedHashRateHs ?? null,
    figures: figuresValue(one, account, () => account.uptime.ofHolding(holding)),
  };
}

function figuresValue(
  { days, total }: { readonly days: readonly DayFigures[]; readonly total: TotalFigures },
  { showsMoney }: ReadAccount,
  read: () => Promise<UptimeByDay>,
): object {
  let asked: Promise<UptimeByDay> | undefined;
  const uptime = (): Promise<UptimeByDay> => (asked ??= read());
  return {
    total: {
      ...commonValue(total, showsMoney),
      uptime: async () => (await uptime()).total ?? null,
    },
    days: days.map((day) => ({
      date: day.date,
      from: day.span.fromSeconds * 1e6,
      until: day.span.untilSeconds * 1e6,
      isWholeDay: day.isWholeDay,
      hashRate: rateOf(day),
      ...commonValue(day, showsMoney),
      uptime: async () => (await uptime()).days.get(day.date) ?? null,
    })),
  };
}

function commonValue(figures: Omit<TotalFigures, 'days'>, showsMoney: boolean): object {
  const { hashes, promisedHashes, shares, coins, pricedFraction, isComplete } = figures;
  return {
    hashes,
    promisedHashes: promisedHashes ?? null,
    contribution: contributionOf(hashes, promisedHashes),
    shares: shareCountsValue({ ...shares, rejected: shares.reasons.reduce((sum, count) => sum + count, 0) }),
    coins: showsMoney ? (coins ?? null) : null,
    pricedFraction,
    isComplete,
  };
}

function contributionOf({ value, low, high }: Measured, promised: number | undefined): object | null {
  if (promised === undefined || !(promised > 0)) return null;
  return { fraction: value / promised, low: low / promised, high: high / promised };
}

function rateOf({ hashes, span }: DayFigures): object {
  const seconds = span.untilSeconds - span.fromSeconds;
  return { hashRate: hashes.value / seconds, low: hashes.low / seconds, high: hashes.high / seconds };
}
