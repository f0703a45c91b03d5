// A tenant's month, as it goes to print and to accountants: on the page, as PDF and as CSV.
import type { ReactNode } from 'react';
import { useServerNow } from '../../api/server-clock.ts';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { DataTable } from '../../components/table.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatCount } from '../../format/number.ts';
import { formatInvalid } from '../../format/fraction.ts';
import { formatReason } from '../../format/reason.ts';
import { useSearchParams } from '../../router/location.ts';
import type { Account } from './account-documents.ts';
import { AccountToolbar, algorithmIn } from './account-toolbar.tsx';
import { DaysChart } from './days-chart.tsx';
import { DaysTable } from './days-table.tsx';
import { FiguresStrip } from './figures-strip.tsx';
import { HoldingsPanel } from './holdings-panel.tsx';
import { MissingPanel } from './missing-panel.tsx';
import { daysIn, isMonth, monthName, monthsBefore } from './months.ts';
import { useAccount, useTenant } from './use-account.ts';

export function ReportsPage(): ReactNode {
  const [params, change] = useSearchParams();
  const { choices, tenant, asked } = useTenant();
  const months = monthsBefore(new Date(useServerNow()));
  const wanted = params.get('month') ?? '';
  const month = isMonth(wanted) ? wanted : months[0]!;
  const algorithm = algorithmIn(params);
  const range = { from: `${month}-01`, days: daysIn(month) };
  const { data, error, refetch } = useAccount(tenant, range, algorithm);
  const account = data?.account;
  return (
    <>
      <PageHeader title={`Report, ${monthName(month)}`} heading={<h1>Report, {monthName(month)}</h1>}>
        {account && <Files account={account} month={month} />}
      </PageHeader>
      {choices !== undefined && (
        <AccountToolbar choices={choices} tenant={tenant}>
          <select
            className="input"
            aria-label="Month"
            value={month}
            onChange={(event) => change({ month: event.target.value })}
          >
            {!months.includes(month) && <option value={month}>{monthName(month)}</option>}
            {months.map((each) => (
              <option key={each} value={each}>
                {monthName(each)}
              </option>
            ))}
          </select>
        </AccountToolbar>
      )}
      {account ? (
        <div className="account-view">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <Report account={account} />
        </div>
      ) : choices?.length === 0 || account === null ? (
        <div className="panel">
          <Nothing title="No tenant that you see all of">
            <p>Reports are made for who may see the whole tenant.</p>
          </Nothing>
        </div>
      ) : (asked.error ?? error) ? (
        <div className="panel">
          <Failure error={(asked.error ?? error)!} onRetry={asked.error ? asked.refetch : refetch} />
        </div>
      ) : (
        <div className="panel" role="status" aria-label="Loading">
          <SkeletonLines lines={14} />
        </div>
      )}
    </>
  );
}

/** As real links, so that they can be opened, saved and copied like others. */
function Files({ account, month }: { account: Account; month: string }): ReactNode {
  const { tenant, algorithm } = account;
  const query = new URLSearchParams({ tenant, month, ...(algorithm === 'SCRYPT' && { algorithm }) }).toString();
  return (
    <div className="report-files">
      <a className="button primary" href={`/reports/account.pdf?${query}`} download>
        PDF
      </a>
      <a className="button" href={`/reports/account.csv?${query}`} download>
        CSV
      </a>
      <button type="button" className="button" onClick={() => window.print()}>
        Print
      </button>
    </div>
  );
}

function Report({ account }: { account: Account }): ReactNode {
  const { contributed, held, given, network, missing, name, tenant, timeZone, algorithm } = account;
  const difficulty = new Map(network.map((day) => [day.date, day.difficulty]));
  const pathOf = (side: string) => (holding: string) =>
    `/hash-power?${new URLSearchParams({ tenant, side, holding }).toString()}`;
  const { byReason, accepted, rejected } = contributed.total.shares;
  return (
    <>
      <p className="muted account-note">
        {name === tenant ? tenant : `${name} (${tenant})`} · {algorithm.toLowerCase()} · days of {timeZone}
      </p>
      <FiguresStrip figures={contributed} promisedLabel="expected" />
      <Panel title="Contributed, day by day">
        {contributed.days.length === 0 ? (
          <Nothing title="The month has not begun" />
        ) : (
          <>
            <div className="panel-body">
              <DaysChart days={contributed.days} promisedLabel="Expected" />
            </div>
            <DaysTable
              label="Contributed, day by day"
              days={contributed.days}
              difficulty={difficulty}
              promisedLabel="Expected"
            />
          </>
        )}
      </Panel>
      {held.length > 0 && <HoldingsPanel side="held" holdings={held} chosen={undefined} pathOf={pathOf('held')} />}
      {given.length > 0 && <HoldingsPanel side="given" holdings={given} chosen={undefined} pathOf={pathOf('given')} />}
      {byReason.length > 0 && (
        <Panel title="Invalid shares by reason">
          <DataTable
            label="Invalid shares by reason"
            className="reasons-table"
            columns={[
              { title: 'Reason', cell: ({ reason }) => formatReason(reason) },
              { title: 'Shares', isNumber: true, cell: ({ count }) => formatCount(count) },
              {
                title: 'Of all',
                isNumber: true,
                cell: ({ count }) => formatInvalid(count / (accepted + rejected)),
              },
            ]}
            rows={byReason}
            keyOf={({ reason }) => reason}
          />
        </Panel>
      )}
      <MissingPanel missing={missing} />
    </>
  );
}
