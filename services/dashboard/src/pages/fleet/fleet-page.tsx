// The fleet by the place of its machines: sites, their racks, a cell for each machine. Where one has gone to, and what is shown, is in the address.
import { useMemo, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Failure, Nothing, NoWorkersYet, StaleFailure } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Panel } from '../../components/panel.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatCount, formatQuantity } from '../../format/number.ts';
import { Link } from '../../router/link.tsx';
import { useSearchParams } from '../../router/location.ts';
import { useTenant } from '../../router/tenant.ts';
import { kindsBy, MAP_BY, type MapBy } from './cell-kinds.ts';
import { FleetCanvas } from './fleet-canvas.tsx';
import { FLEET_MAP, type FleetMapRack } from './fleet-documents.ts';
import { FleetTable } from './fleet-table.tsx';

const BY_WORDS: Record<MapBy, string> = {
  contribution: 'Contribution',
  invalid: 'Invalid shares',
  status: 'Status',
};

export function FleetPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const tenant = useTenant();
  const site = params.get('site');
  const rack = params.get('rack');
  const by = MAP_BY.find((each) => each === params.get('by')) ?? 'contribution';
  const asTable = params.get('view') === 'table';
  const { data, error, receivedAtMs, refetch } = useQuery(
    FLEET_MAP,
    { filter: { tenant, site }, rack, of: by === 'invalid' ? 'INVALID' : 'CONTRIBUTION' },
    { pollMs: 4_000 },
  );
  const map = data?.fleetMap;
  return (
    <>
      <PageHeader title="Fleet" receivedAtMs={receivedAtMs}>
        <Segmented<MapBy>
          label="Coloured by"
          value={by}
          onChoose={(value) => setParams({ by: value === 'contribution' ? null : value })}
          choices={MAP_BY.map((value) => ({ value, label: BY_WORDS[value] }))}
        />
        <Segmented<'map' | 'table'>
          label="Shown as"
          value={asTable ? 'table' : 'map'}
          onChoose={(value) => setParams({ view: value === 'map' ? null : value })}
          choices={[
            { value: 'map', label: 'Map' },
            { value: 'table', label: 'Table' },
          ]}
        />
      </PageHeader>
      <Trail site={site} rack={rack} by={by} />
      {error && map && <StaleFailure error={error} onRetry={refetch} />}
      {!map && (
        <div className="panel">
          {error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={14} />}
        </div>
      )}
      {map && map.workers === 0 && (
        <div className="panel">
          {tenant === null && site === null && rack === null ? <NoWorkersYet /> : <Nothing title="No machine here" />}
        </div>
      )}
      {map && map.workers > 0 && (
        <>
          <div className="fleet-note">
            <Legend by={by} />
            <span className="muted">
              {formatQuantity(map.workers, 'machine')} in {formatQuantity(map.rackCount, 'rack')}
              {map.racks[0]?.machines === null && '; too many to draw one by one, so each cell is a rack'}
              {map.racks.length < map.rackCount && `; the first ${formatCount(map.racks.length)} racks are shown`}
            </span>
          </div>
          {asTable ? <FleetTable racks={map.racks} by={by} /> : <Sites racks={map.racks} by={by} />}
        </>
      )}
    </>
  );
}

/** Where one is, and the way back out. */
function Trail({ site, rack, by }: { site: string | null; rack: string | null; by: MapBy }): ReactNode {
  if (site === null && rack === null) return null;
  const search = (part: Record<string, string>): string => {
    const params = new URLSearchParams({ ...part, ...(by === 'contribution' ? {} : { by }) }).toString();
    return params === '' ? '/fleet' : `/fleet?${params}`;
  };
  return (
    <nav className="fleet-trail" aria-label="Place">
      <Link to={search({})}>All sites</Link>
      {site !== null && (
        <>
          <span aria-hidden="true">›</span>
          {rack === null ? <span aria-current="location">{site}</span> : <Link to={search({ site })}>{site}</Link>}
        </>
      )}
      {rack !== null && (
        <>
          <span aria-hidden="true">›</span>
          <span aria-current="location">{rack}</span>
        </>
      )}
    </nav>
  );
}

function Legend({ by }: { by: MapBy }): ReactNode {
  return (
    <ul className="fleet-legend" aria-label="Legend">
      {kindsBy(by).map(({ words, colour, mark }) => (
        <li key={words}>
          <span className={`swatch mark-${mark} ${colour.slice(2)}`} aria-hidden="true" />
          {words}
        </li>
      ))}
    </ul>
  );
}

interface SiteRacks {
  readonly tenant: string;
  readonly site: string;
  readonly racks: FleetMapRack[];
}

function Sites({ racks, by }: { racks: readonly FleetMapRack[]; by: MapBy }): ReactNode {
  const sites = useMemo(() => bySite(racks), [racks]);
  return sites.map(({ tenant, site, racks: ofSite }) => {
    const name = site === '' ? tenant : `${tenant}.${site}`;
    const params = new URLSearchParams({ tenant, ...(site === '' ? {} : { site }) });
    if (by !== 'contribution') params.set('by', by);
    const sum = (field: 'workers' | 'online'): number => ofSite.reduce((total, rack) => total + rack[field], 0);
    return (
      <Panel
        key={name}
        title={name}
        className="fleet-site"
        end={
          <>
            <span className="muted">
              {formatCount(sum('online'))} of {formatCount(sum('workers'))} online
            </span>{' '}
            {sites.length > 1 && (
              <Link to={`/fleet?${params.toString()}`}>
                Only this<span className="sr-only"> site, {name}</span>
              </Link>
            )}
          </>
        }
      >
        <div className="panel-body">
          <FleetCanvas label={name} racks={ofSite} by={by} />
        </div>
      </Panel>
    );
  });
}

/** Racks come in the order of names, so that those of a site mostly follow each other. */
function bySite(racks: readonly FleetMapRack[]): readonly SiteRacks[] {
  const sites = new Map<string, SiteRacks>();
  for (const rack of racks) {
    const key = `${rack.tenant}.${rack.site}`;
    const known = sites.get(key);
    if (known) known.racks.push(rack);
    else sites.set(key, { tenant: rack.tenant, site: rack.site, racks: [rack] });
  }
  return [...sites.values()];
}
