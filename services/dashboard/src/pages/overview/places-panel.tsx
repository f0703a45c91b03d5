// Tenants and their sites with totals. Sites fold away when there are many tenants.
import type { ApiError } from '@assay/api-client';
import { useState, type ReactNode } from 'react';
import { useFreshness } from '../../api/freshness.tsx';
import type { Algorithm } from '../../api/schema-types.ts';
import { useQuery } from '../../api/use-query.ts';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Failure } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Cell, HeadCell, RowHead, Table, TableBody, TableHead, TableRow } from '../../components/table.tsx';
import { formatContribution, formatInvalid } from '../../format/fraction.ts';
import { formatCount } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { workersPath } from '../../router/routes.ts';
import { useTenant } from '../../router/tenant.ts';
import { PLACES, PLACES_OF_TENANT, type PlaceTotals, type TenantPlace } from './overview-documents.ts';

/** Up to this many tenants all sites are shown from the start. */
const OPEN_UP_TO = 6;
/** Tenants shown before one asks for the rest. */
const SHOWN = 20;
const COLUMNS = ['Online', 'Silent', 'Offline', 'Hash rate, 1 h', 'Of expected', 'Invalid, 24 h'];
/** Left out on a phone. */
const MINOR = new Set(['Of expected', 'Invalid, 24 h']);

export function PlacesPanel({ algorithm }: { algorithm: Algorithm }): ReactNode {
  const { tenants, known, error, refetch } = usePlaces(algorithm);
  const [all, setAll] = useState(false);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const toggle = (name: string): void => {
    const next = new Set(toggled);
    if (!next.delete(name)) next.add(name);
    setToggled(next);
  };
  return (
    <Panel title="Tenants and sites">
      {!known && error && <Failure error={error} onRetry={refetch} />}
      {!known && !error && <SkeletonLines lines={6} />}
      {known && (
        <Table label="Tenants and sites" className="places">
          <TableHead>
            <HeadCell>Place</HeadCell>
            {COLUMNS.map((title) => (
              <HeadCell key={title} isNumber className={MINOR.has(title) ? 'minor' : undefined}>
                {title}
              </HeadCell>
            ))}
          </TableHead>
          {(all ? tenants : tenants.slice(0, SHOWN)).map((tenant) => (
            <TenantRows
              key={tenant.name}
              tenant={tenant}
              open={toggled.has(tenant.name) !== tenants.length <= OPEN_UP_TO}
              onToggle={() => toggle(tenant.name)}
            />
          ))}
        </Table>
      )}
      {!all && tenants.length > SHOWN && (
        <div className="panel-body">
          <button type="button" className="button small" onClick={() => setAll(true)}>
            Show all {formatCount(tenants.length)} tenants
          </button>
        </div>
      )}
    </Panel>
  );
}

/** Of the tenant that is looked at, or of all. */
function usePlaces(algorithm: Algorithm): {
  readonly tenants: readonly TenantPlace[];
  readonly known: boolean;
  readonly error: ApiError | undefined;
  readonly refetch: () => void;
} {
  const tenant = useTenant();
  const every = useQuery(PLACES, { algorithm }, { pollMs: 15_000, enabled: tenant === null });
  const ofOne = useQuery(
    PLACES_OF_TENANT,
    { algorithm, tenant: tenant ?? '' },
    { pollMs: 15_000, enabled: tenant !== null },
  );
  const { error, refetch } = tenant === null ? every : ofOne;
  const one = ofOne.data && (ofOne.data.tenant === null ? [] : [ofOne.data.tenant]);
  const tenants = tenant === null ? every.data?.tenants : one;
  return { tenants: tenants ?? [], known: tenants !== undefined, error, refetch };
}

function TenantRows({
  tenant,
  open,
  onToggle,
}: {
  tenant: TenantPlace;
  open: boolean;
  onToggle: () => void;
}): ReactNode {
  return (
    <TableBody>
      <TableRow className="tenant-row">
        <RowHead>
          <button
            type="button"
            className="disclosure"
            aria-expanded={open}
            aria-label={`Sites of ${tenant.name}`}
            onClick={onToggle}
          >
            <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
              <path d="M3 1.5 6.5 5 3 8.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
            </svg>
          </button>
          <Link to={workersPath({ tenant: tenant.name })}>{tenant.name}</Link>
        </RowHead>
        <PlaceCells totals={tenant.totals} filter={{ tenant: tenant.name }} />
      </TableRow>
      {open &&
        tenant.sites.map((site) => (
          <TableRow key={site.name} className="site-row">
            <RowHead>
              {site.name === '' ? (
                <span className="muted">no site</span>
              ) : (
                <Link to={workersPath({ tenant: tenant.name, site: site.name })}>{site.name}</Link>
              )}
            </RowHead>
            <PlaceCells
              totals={site.totals}
              filter={site.name === '' ? { tenant: tenant.name } : { tenant: tenant.name, site: site.name }}
            />
          </TableRow>
        ))}
    </TableBody>
  );
}

function PlaceCells({ totals, filter }: { totals: PlaceTotals; filter: Record<string, string> }): ReactNode {
  const { state } = useFreshness();
  const rate = state === 'rebuilding' ? null : totals.hashRate;
  return (
    <>
      <Cell title="Online" isNumber>
        {formatCount(totals.online)}
        <span className="muted minor"> / {formatCount(totals.workers)}</span>
      </Cell>
      <Cell title="Silent" isNumber>
        {totals.silent === 0 ? (
          <span className="muted">0</span>
        ) : (
          <Link to={workersPath({ ...filter, status: 'SILENT' })} className="count-silent">
            {formatCount(totals.silent)}
          </Link>
        )}
      </Cell>
      <Cell title="Offline" isNumber>
        {totals.offline === 0 ? (
          <span className="muted">0</span>
        ) : (
          <Link to={workersPath({ ...filter, status: 'OFFLINE' })} className="count-offline">
            {formatCount(totals.offline)}
          </Link>
        )}
      </Cell>
      <Cell title="Hash rate, 1 h" isNumber>
        <HashRateValue rate={rate} interval={false} />
      </Cell>
      <Cell title="Of expected" isNumber className="minor">
        {rate !== null && totals.expectedHashRate > 0
          ? formatContribution(rate.hashRate / totals.expectedHashRate, {
              low: rate.low / totals.expectedHashRate,
              high: rate.high / totals.expectedHashRate,
            })
          : '–'}
      </Cell>
      <Cell title="Invalid, 24 h" isNumber className="minor">
        {formatInvalid(totals.shares?.invalidFraction ?? null)}
      </Cell>
    </>
  );
}
