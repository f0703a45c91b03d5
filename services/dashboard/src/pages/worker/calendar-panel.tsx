// The last thirteen weeks, a cell a day: as a grid that arrow keys walk through, or as a table.
import type { ReactNode } from 'react';
import { useServerNow } from '../../api/server-clock.ts';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatInvalid, formatUptime } from '../../format/fraction.ts';
import { formatCount } from '../../format/number.ts';
import { useSearchParams } from '../../router/location.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { calendarRange, calendarSummary, calendarWeeks, DAY_BY, type CalendarDay, type DayBy } from './calendar.ts';
import { CalendarGrid } from './calendar-grid.tsx';
import { CalendarTable } from './calendar-table.tsx';
import { WORKER_DAYS } from './worker-documents.ts';

const BY_WORDS: Record<DayBy, string> = {
  contribution: 'Contribution',
  uptime: 'Uptime',
  invalid: 'Invalid',
  connects: 'Connects',
};
const POLL_MS = 300_000;
const DAY_MS = 86_400_000;

export function CalendarPanel({ name }: { name: string }): ReactNode {
  const [params, setParams] = useSearchParams();
  const by = DAY_BY.find((each) => each === params.get('day')) ?? 'contribution';
  const asTable = params.get('days') === 'table';
  const nowMs = useServerNow();
  // Asked anew with each day, and now and then within it.
  const range = calendarRange(Math.floor(nowMs / DAY_MS) * DAY_MS);
  const { data, error, refetch } = useQuery(WORKER_DAYS, { name, range }, { pollMs: POLL_MS });
  const days = useLastAnswer(data?.worker?.series ? data.worker : undefined, name);
  return (
    <Panel
      title="Last 13 weeks"
      end={
        <Segmented
          label="Days shown as"
          value={asTable ? 'table' : 'map'}
          choices={[
            { value: 'map', label: 'Calendar' },
            { value: 'table', label: 'Table' },
          ]}
          onChoose={(value) => setParams({ days: value === 'map' ? null : value }, { replace: true })}
        />
      }
    >
      {days === undefined ? (
        error ? (
          <Failure error={error} onRetry={refetch} />
        ) : data ? (
          <Nothing title="Not known while the history store is away" />
        ) : (
          <SkeletonLines lines={7} />
        )
      ) : (
        <div className="panel-body">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <Days weeks={calendarWeeks(days, range.from, nowMs)} by={by} asTable={asTable} name={name}>
            <Segmented<DayBy>
              label="Days coloured by"
              value={by}
              choices={DAY_BY.map((value) => ({ value, label: BY_WORDS[value] }))}
              onChoose={(value) => setParams({ day: value === 'contribution' ? null : value }, { replace: true })}
            />
          </Days>
        </div>
      )}
    </Panel>
  );
}

interface DaysProps {
  readonly name: string;
  readonly weeks: readonly (readonly CalendarDay[])[];
  readonly by: DayBy;
  readonly asTable: boolean;
  /** What chooses the colours. */
  readonly children: ReactNode;
}

function Days({ name, weeks, by, asTable, children }: DaysProps): ReactNode {
  if (asTable) return <CalendarTable label={`${name}, day by day`} days={weeks.flat()} />;
  return (
    <div className="calendar">
      <div>
        {children}
        <CalendarGrid weeks={weeks} by={by} label={`${BY_WORDS[by]} of ${name}, day by day`} />
      </div>
      <Summary weeks={weeks} />
    </div>
  );
}

function Summary({ weeks }: Pick<DaysProps, 'weeks'>): ReactNode {
  const { days, measured, atExpectation, meanUptime, invalid, connects } = calendarSummary(weeks);
  const facts: readonly (readonly [string, string])[] = [
    ['Whole days on record', formatCount(days)],
    ['Of these at 95 % of expectation', measured === 0 ? 'none expected' : `${atExpectation} of ${measured}`],
    ['Uptime', formatUptime(meanUptime)],
    ['Invalid shares', formatInvalid(invalid)],
    ['Connects a day', days === 0 ? '–' : (connects / days).toFixed(connects / days < 10 ? 1 : 0)],
  ];
  return (
    <dl className="facts calendar-facts">
      {facts.map(([label, value]) => (
        <FactRow key={label} label={label} value={value} />
      ))}
    </dl>
  );
}

function FactRow({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
