// What was bought and what was got, per day: for who holds others' hash power, and for who gave theirs.
import type { ReactNode } from 'react';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Link } from '../../router/link.tsx';
import { searchWith, useSearchParams } from '../../router/location.ts';
import type { Account } from './account-documents.ts';
import { AccountToolbar, algorithmIn } from './account-toolbar.tsx';
import { DaysChart } from './days-chart.tsx';
import { DaysTable } from './days-table.tsx';
import { FiguresStrip } from './figures-strip.tsx';
import { formatPart, type AccountFigures } from './figures.ts';
import { HoldingsPanel } from './holdings-panel.tsx';
import { MissingPanel } from './missing-panel.tsx';
import { useAccount, useTenant } from './use-account.ts';

type Side = 'held' | 'given' | 'all';
const DAYS = [7, 31, 92] as const;

export function HashPowerPage(): ReactNode {
  const [params, change] = useSearchParams();
  const { choices, tenant, asked } = useTenant();
  const days = DAYS.find((each) => String(each) === params.get('days')) ?? 31;
  const { data, error, receivedAtMs, refetch } = useAccount(tenant, { from: null, days }, algorithmIn(params));
  const account = data?.account;
  return (
    <>
      <PageHeader title="Bought and got">
        {account && (
          <Link to={`/reports?tenant=${encodeURIComponent(account.tenant)}`} className="button small">
            Monthly reports
          </Link>
        )}
      </PageHeader>
      {choices !== undefined && (
        <AccountToolbar choices={choices} tenant={tenant}>
          <Segmented
            label="Days"
            value={String(days)}
            onChoose={(value) => change({ days: value === '31' ? null : value })}
            choices={DAYS.map((each) => ({ value: String(each), label: `${each} days` }))}
          />
        </AccountToolbar>
      )}
      {account ? (
        <div className="account-view">
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <AccountView account={account} />
        </div>
      ) : choices?.length === 0 || account === null ? (
        <div className="panel">
          <Nothing
            title={choices?.length === 0 ? 'There is no tenant to see all of' : 'No such tenant that you see all of'}
          >
            <p>What was bought and got is shown to who may see the whole tenant.</p>
          </Nothing>
        </div>
      ) : (asked.error ?? error) ? (
        <div className="panel">
          <Failure error={(asked.error ?? error)!} onRetry={asked.error ? asked.refetch : refetch} />
        </div>
      ) : (
        <div className="panel" role="status" aria-label="Loading" data-received={receivedAtMs}>
          <SkeletonLines lines={12} />
        </div>
      )}
    </>
  );
}

function AccountView({ account }: { account: Account }): ReactNode {
  const [params, change] = useSearchParams();
  const { held, given, contributed, missing } = account;
  const usual: Side = held.length > 0 ? 'held' : given.length > 0 ? 'given' : 'all';
  const side = (['held', 'given', 'all'] as const).find((each) => each === params.get('side')) ?? usual;
  const holdings = side === 'held' ? held : given;
  const chosen = holdings.find(({ id }) => id === params.get('holding')) ?? holdings[0];
  return (
    <>
      <Segmented<Side>
        label="Side"
        value={side}
        onChoose={(value) => change({ side: value === usual ? null : value, holding: null })}
        choices={[
          { value: 'held', label: `Held (${held.length})` },
          { value: 'given', label: `Given (${given.length})` },
          { value: 'all', label: 'Contributed in all' },
        ]}
      />
      {side === 'all' ? (
        <FiguresView title="Contributed, day by day" figures={contributed} promised="expected" />
      ) : chosen === undefined ? (
        <NoHolding side={side} />
      ) : (
        <>
          {holdings.length > 1 && (
            <HoldingsPanel
              side={side}
              holdings={holdings}
              chosen={chosen.id}
              pathOf={(holding) => location.pathname + searchWith(location.search, { holding })}
            />
          )}
          <FiguresView
            title={`${chosen.of}, ${formatPart(chosen.fraction)}, ${side === 'held' ? `of ${chosen.owner}` : `to ${chosen.holder}`}`}
            figures={chosen.figures}
            promised="promised"
          />
        </>
      )}
      <MissingPanel missing={missing} />
      <p className="muted account-note">
        Days are those of {account.timeZone}. Intervals are of 95 %: what is known from shares is known no better.
      </p>
    </>
  );
}

function NoHolding({ side }: { side: 'held' | 'given' }): ReactNode {
  return (
    <div className="panel">
      <Nothing title={side === 'held' ? 'Nothing of others is held in these days' : 'Nothing was given in these days'}>
        <p>
          {side === 'held'
            ? 'Hash power that is rented or bought appears here from the first minute that it is held.'
            : 'Ownership is entered in the settings: of a worker, or of all below a site or rack.'}
        </p>
      </Nothing>
    </div>
  );
}

function FiguresView({
  title,
  figures,
  promised,
}: {
  title: string;
  figures: AccountFigures;
  promised: 'promised' | 'expected';
}): ReactNode {
  return (
    <>
      <FiguresStrip figures={figures} promisedLabel={promised} />
      <Panel title={title}>
        {figures.days.length === 0 ? (
          <Nothing title="None of these days lies within it" />
        ) : (
          <>
            <div className="panel-body">
              <DaysChart days={figures.days} promisedLabel={promised === 'promised' ? 'Promised' : 'Expected'} />
            </div>
            <DaysTable
              label={title}
              days={[...figures.days].reverse()}
              promisedLabel={promised === 'promised' ? 'Promised' : 'Expected'}
            />
          </>
        )}
      </Panel>
    </>
  );
}
