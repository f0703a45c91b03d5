// Everything else that is known: the rate over every window, and the facts.
import type { ReactNode } from 'react';
import type { HashRate } from '../../api/schema-types.ts';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Panel } from '../../components/panel.tsx';
import { DataTable } from '../../components/table.tsx';
import { Moment } from '../../components/time.tsx';
import { formatEfficiency, formatEfficiencyInterval } from '../../format/efficiency.ts';
import { formatContribution, formatContributionInterval, formatUptime } from '../../format/fraction.ts';
import { formatHashRate, formatHashRateInterval } from '../../format/hash-rate.ts';
import { formatCount, formatDifficulty } from '../../format/number.ts';
import { formatPower } from '../../format/power.ts';
import { formatReason } from '../../format/reason.ts';
import type { WorkerDetail } from './worker-documents.ts';

export function RatesPanel({ worker }: { worker: WorkerDetail }): ReactNode {
  const windows: readonly [string, HashRate | null][] = [
    ['1 min', worker.m1],
    ['5 min', worker.m5],
    ['15 min', worker.m15],
    ['1 h', worker.h1],
    ['24 h', worker.d1],
  ];
  return (
    <Panel title="Hash rate by window">
      <DataTable
        label="Hash rate by window"
        columns={[
          { title: 'Window', cell: ([label]) => label },
          { title: 'Hash rate', isNumber: true, cell: ([, rate]) => <HashRateValue rate={rate} interval={false} /> },
          {
            title: '95 % interval',
            isNumber: true,
            cell: ([, rate]) =>
              rate && <span className="muted">{formatHashRateInterval(rate.low, rate.high, rate.hashRate)}</span>,
          },
        ]}
        rows={windows}
        keyOf={([label]) => label}
      />
    </Panel>
  );
}

export function FactsPanel({ worker }: { worker: WorkerDetail }): ReactNode {
  const day = worker.contributionDay;
  const facts: readonly [string, ReactNode][] = [
    ['User agent', worker.userAgent === '' ? 'not given' : <span className="mono">{worker.userAgent}</span>],
    ['Algorithm', worker.algorithm === 'SHA256D' ? 'SHA-256d' : 'Scrypt'],
    ['Expected rate', worker.expectedHashRate === null ? 'not set' : formatHashRate(worker.expectedHashRate)],
    ...efficiencyFacts(worker),
    [
      'Of expectation, 24 h',
      day === null ? (
        '–'
      ) : (
        <>
          {formatContribution(day.fraction, day)} <span className="muted">{formatContributionInterval(day)}</span>
        </>
      ),
    ],
    ['Uptime, 7 days', formatUptime(worker.uptimeWeek)],
    ['Accepted, 24 h', worker.sharesDay === null ? '–' : formatCount(worker.sharesDay.accepted)],
    ['Rejected, 24 h', <Rejected key="rejected" worker={worker} />],
    ['Share difficulty', formatDifficulty(worker.difficulty)],
    ['Best share', formatDifficulty(worker.bestShare)],
    ['Connected since', worker.connectedSince === null ? 'not connected' : <Moment at={worker.connectedSince} />],
    ['First seen', <Moment key="first" at={worker.firstSeen} />],
  ];
  return (
    <Panel title="Details">
      <dl className="facts">
        {facts.map(([label, value]) => (
          <FactRow key={label} label={label}>
            {value}
          </FactRow>
        ))}
      </dl>
    </Panel>
  );
}

function efficiencyFacts({
  ratedPowerWatts,
  efficiency,
  expectedJoulesPerHash,
}: WorkerDetail): readonly [string, ReactNode][] {
  if (ratedPowerWatts === null) return [];
  return [
    ['Rated power', formatPower(ratedPowerWatts)],
    [
      'Efficiency, 1 h',
      efficiency === null ? (
        '–'
      ) : (
        <>
          {formatEfficiency(efficiency.joulesPerHash)}{' '}
          <span className="muted">
            {formatEfficiencyInterval(efficiency.low, efficiency.high, efficiency.joulesPerHash)}
          </span>
        </>
      ),
    ],
    ['Efficiency expected', expectedJoulesPerHash === null ? '–' : formatEfficiency(expectedJoulesPerHash)],
  ];
}

function FactRow({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Rejected({ worker: { sharesDay } }: { worker: WorkerDetail }): ReactNode {
  if (sharesDay === null) return '–';
  if (sharesDay.rejected === 0) return '0';
  return (
    <>
      {formatCount(sharesDay.rejected)}{' '}
      <span className="muted">
        ({sharesDay.byReason.map(({ reason, count }) => `${formatReason(reason)} ${formatCount(count)}`).join(', ')})
      </span>
    </>
  );
}
