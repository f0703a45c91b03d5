// The fleet in four figures, and a fifth where power is on record.
import type { ReactNode } from 'react';
import type { Algorithm } from '../../api/schema-types.ts';
import { useFreshness } from '../../api/freshness.tsx';
import { useQuery } from '../../api/use-query.ts';
import { formatEfficiency, formatEfficiencyInterval, splitEfficiency } from '../../format/efficiency.ts';
import { formatContribution, formatContributionInterval, formatInvalid } from '../../format/fraction.ts';
import { formatHashRate, formatHashRateInterval, splitHashRate } from '../../format/hash-rate.ts';
import { formatCount } from '../../format/number.ts';
import { formatReason } from '../../format/reason.ts';
import { isFaulty } from '../../components/invalid.ts';
import { isLow } from '../../components/contribution.ts';
import { Stat } from '../../components/stat.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { Link } from '../../router/link.tsx';
import { useTenant } from '../../router/tenant.ts';
import { workersPath } from '../../router/routes.ts';
import { FLEET_EFFICIENCY, type FleetEfficiency, type Totals } from './overview-documents.ts';

const EFFICIENCY_POLL_MS = 30_000;

interface TotalsStripProps {
  readonly totals: Totals | undefined;
  readonly algorithm: Algorithm;
}

export function TotalsStrip({ totals, algorithm }: TotalsStripProps): ReactNode {
  const { data } = useQuery(FLEET_EFFICIENCY, { algorithm, tenant: useTenant() }, { pollMs: EFFICIENCY_POLL_MS });
  const efficiency = data?.fleet.efficiency;
  if (!totals) return <TotalsSkeleton />;
  return (
    <dl className="panel stats">
      <FleetHashRate totals={totals} />
      <WorkerCounts totals={totals} />
      <FleetContribution totals={totals} />
      {efficiency && <Efficiency efficiency={efficiency} />}
      <InvalidShares totals={totals} />
    </dl>
  );
}

function FleetHashRate({ totals: { hashRate, expectedHashRate } }: { totals: Totals }): ReactNode {
  const { state } = useFreshness();
  const label = 'Hash rate, 15 min';
  if (state === 'rebuilding') {
    return (
      <Stat label={label} note="withheld while the live state is being rebuilt">
        –
      </Stat>
    );
  }
  const { value, unit } = splitHashRate(hashRate.hashRate);
  return (
    <Stat
      label={label}
      note={
        <>
          <span title="95 % interval">{formatHashRateInterval(hashRate.low, hashRate.high, hashRate.hashRate)}</span>
          {expectedHashRate > 0 && <> · expected {formatHashRate(expectedHashRate)}</>}
        </>
      }
    >
      {value} <span className="unit">{unit}</span>
    </Stat>
  );
}

function WorkerCounts({ totals: { workers, online, silent, offline } }: { totals: Totals }): ReactNode {
  const share = (count: number): string => `${workers === 0 ? 0 : (count / workers) * 100}%`;
  return (
    <Stat
      label="Workers online"
      note={
        <>
          <span className="fleet-bar" aria-hidden="true">
            <i className="online" style={{ width: share(online) }} />
            <i className="silent" style={{ width: share(silent), minWidth: silent > 0 ? 3 : 0 }} />
            <i className="offline" style={{ width: share(offline), minWidth: offline > 0 ? 3 : 0 }} />
          </span>
          <Link to={workersPath({ status: 'SILENT' })}>{formatCount(silent)} silent</Link> ·{' '}
          <Link to={workersPath({ status: 'OFFLINE' })}>{formatCount(offline)} offline</Link>
        </>
      }
    >
      {formatCount(online)} <span className="unit">of {formatCount(workers)}</span>
    </Stat>
  );
}

function FleetContribution({ totals: { lastHour, expectedHashRate } }: { totals: Totals }): ReactNode {
  const { state } = useFreshness();
  const label = 'Of expectation, 1 h';
  if (state === 'rebuilding') {
    return (
      <Stat label={label} note="withheld while the live state is being rebuilt">
        –
      </Stat>
    );
  }
  if (expectedHashRate <= 0) {
    return (
      <Stat
        label={label}
        note={
          <>
            no machine has an expected rate: add <code>rate=100T</code> to its password
          </>
        }
      >
        –
      </Stat>
    );
  }
  const interval = { low: lastHour.low / expectedHashRate, high: lastHour.high / expectedHashRate };
  return (
    <Stat
      label={label}
      faulty={isLow(interval)}
      note={<span title="95 % interval">{formatContributionInterval(interval)}</span>}
    >
      {formatContribution(lastHour.hashRate / expectedHashRate, interval)}
    </Stat>
  );
}

/** Of how many machines it is, as of the others nobody entered the power. */
function Efficiency({ efficiency }: { efficiency: FleetEfficiency }): ReactNode {
  const { joulesPerHash, low, high, expectedJoulesPerHash, workers, ofWorkers } = efficiency;
  const { value, unit } = splitEfficiency(joulesPerHash);
  return (
    <Stat
      label="Efficiency, 15 min"
      note={
        <>
          <span title="95 % interval, at rated power">{formatEfficiencyInterval(low, high, joulesPerHash)}</span>
          {expectedJoulesPerHash !== null && <> · expected {formatEfficiency(expectedJoulesPerHash)}</>}
          {workers < ofWorkers && (
            <>
              {' '}
              · of {formatCount(workers)} of {formatCount(ofWorkers)} machines
            </>
          )}
        </>
      }
    >
      {value} <span className="unit">{unit}</span>
    </Stat>
  );
}

function InvalidShares({ totals: { shares } }: { totals: Totals }): ReactNode {
  const label = 'Invalid shares, 24 h';
  if (!shares) {
    return (
      <Stat label={label} note="not known while the history store is away">
        –
      </Stat>
    );
  }
  const main = shares.byReason.slice(0, 2);
  return (
    <Stat
      label={label}
      faulty={isFaulty(shares.invalidFraction)}
      note={
        shares.invalidFraction === null
          ? 'no share in the last 24 h'
          : main.length === 0
            ? `none of ${formatCount(shares.accepted)}`
            : main
                .map(({ reason, count }) => `${formatReason(reason)} ${((count / shares.rejected) * 100).toFixed(0)} %`)
                .join(' · ')
      }
    >
      {formatInvalid(shares.invalidFraction)}
    </Stat>
  );
}

function TotalsSkeleton(): ReactNode {
  return (
    <div className="panel stats" role="status" aria-label="Loading totals">
      {[0, 1, 2, 3].map((stat) => (
        <div key={stat} className="stat">
          <Skeleton width={96} height={12} />
          <div style={{ padding: '9px 0' }}>
            <Skeleton width={150} height={22} />
          </div>
          <Skeleton width={180} height={12} />
        </div>
      ))}
    </div>
  );
}
