// The worker in six figures.
import type { ReactNode } from 'react';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { isFaulty } from '../../components/invalid.ts';
import { Stat } from '../../components/stat.tsx';
import { Age } from '../../components/time.tsx';
import { formatEfficiency, formatEfficiencyInterval, splitEfficiency } from '../../format/efficiency.ts';
import { formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatHashRate, formatHashRateInterval, splitHashRate } from '../../format/hash-rate.ts';
import { formatCount, formatDifficulty } from '../../format/number.ts';
import type { WorkerDetail } from './worker-documents.ts';

export function WorkerStats({ worker }: { worker: WorkerDetail }): ReactNode {
  const { sharesDay } = worker;
  return (
    <dl className="panel stats worker-stats">
      <CurrentRate worker={worker} />
      <Stat
        label="Of expectation, 1 h"
        note={
          worker.expectedHashRate === null ? <NoExpectation /> : <>expected {formatHashRate(worker.expectedHashRate)}</>
        }
      >
        {worker.contributionHour ? <ContributionBar contribution={worker.contributionHour} /> : '–'}
      </Stat>
      <Stat label="Uptime, 24 h" note={<>7 days {formatUptime(worker.uptimeWeek)}</>}>
        {formatUptime(worker.uptimeDay)}
      </Stat>
      <Stat
        label="Invalid shares, 24 h"
        faulty={isFaulty(sharesDay?.invalidFraction ?? null)}
        note={
          sharesDay ? (
            <>
              {formatCount(sharesDay.rejected)} of {formatCount(sharesDay.accepted + sharesDay.rejected)}
            </>
          ) : (
            'history store away'
          )
        }
      >
        {formatInvalid(sharesDay?.invalidFraction ?? null)}
      </Stat>
      <Stat
        label="Last share"
        note={
          worker.connectedSince === null ? (
            'not connected'
          ) : (
            <>
              connected for <Age since={worker.connectedSince} />
            </>
          )
        }
      >
        {worker.lastShareAt === null ? 'never' : <Age since={worker.lastShareAt} />}
        {worker.lastShareAt !== null && <span className="unit"> ago</span>}
      </Stat>
      {worker.ratedPowerWatts === null ? (
        <Stat label="Share difficulty" note={<>best share {formatDifficulty(worker.bestShare)}</>}>
          {formatDifficulty(worker.difficulty)}
        </Stat>
      ) : (
        <CurrentEfficiency worker={worker} />
      )}
    </dl>
  );
}

function CurrentRate({ worker: { m15 } }: { worker: WorkerDetail }): ReactNode {
  if (!m15) {
    return (
      <Stat label="Hash rate, 15 min" note="withheld while the live state is being rebuilt">
        –
      </Stat>
    );
  }
  const { value, unit } = splitHashRate(m15.hashRate);
  return (
    <Stat
      label="Hash rate, 15 min"
      note={<span title="95 % interval">{formatHashRateInterval(m15.low, m15.high, m15.hashRate)}</span>}
    >
      {value} <span className="unit">{unit}</span>
    </Stat>
  );
}

/** At its rated power, so only where that is on record; the share difficulty is among the details in any case. */
function CurrentEfficiency({ worker: { efficiency, expectedJoulesPerHash } }: { worker: WorkerDetail }): ReactNode {
  const expected = expectedJoulesPerHash !== null && <> expected {formatEfficiency(expectedJoulesPerHash)}</>;
  if (efficiency === null)
    return (
      <Stat label="Efficiency, 1 h" note={expected || 'at rated power'}>
        –
      </Stat>
    );
  const { joulesPerHash, low, high } = efficiency;
  const { value, unit } = splitEfficiency(joulesPerHash);
  return (
    <Stat
      label="Efficiency, 1 h"
      note={
        <>
          <span title="95 % interval, at its rated power">{formatEfficiencyInterval(low, high, joulesPerHash)}</span>
          {expected && <>,{expected}</>}
        </>
      }
    >
      {value} <span className="unit">{unit}</span>
    </Stat>
  );
}

function NoExpectation(): ReactNode {
  return (
    <>
      none set: add <code>rate=100T</code> to its password
    </>
  );
}
