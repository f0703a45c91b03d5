// Filters above the table. Each one is a part of the address.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { WorkerSortField, WorkerStatus } from '../../api/schema-types.ts';
import { Segmented } from '../../components/segmented.tsx';
import { formatCount } from '../../format/number.ts';
import { COLUMNS } from './columns.tsx';
import { SearchBox } from './search-box.tsx';
import { filterOf, type TableState } from './table-state.ts';
import { PLACE_NAMES, STATUS_COUNTS } from './workers-documents.ts';

interface WorkersToolbarProps {
  readonly state: TableState;
  readonly change: (changes: Record<string, string | null>, options?: { replace?: boolean }) => void;
  readonly onSort: (field: WorkerSortField) => void;
}

export function WorkersToolbar({ state, change, onSort }: WorkersToolbarProps): ReactNode {
  return (
    <div className="toolbar">
      <SearchBox value={state.search} onSearch={(text) => change({ q: text }, { replace: true })} />
      <PlaceSelects state={state} change={change} />
      <StatusChoice state={state} change={change} />
      <SortSelect state={state} change={change} onSort={onSort} />
    </div>
  );
}

function PlaceSelects({ state, change }: Omit<WorkersToolbarProps, 'onSort'>): ReactNode {
  const { data } = useQuery(PLACE_NAMES, {}, { pollMs: 60_000 });
  const places = data?.tenants ?? [];
  const tenant = places.length === 1 ? places[0] : places.find(({ name }) => name === state.tenant);
  const sites = tenant?.sites.map((site) => site.name) ?? [];
  // Sites of several tenants may have one name.
  if (tenant === undefined && state.site === '') return null;
  return (
    <Select
      label="Site"
      all="All sites"
      value={state.site}
      options={sites.filter((site) => site !== '')}
      onChange={(site) => change({ site })}
    />
  );
}

interface SelectProps {
  readonly label: string;
  readonly all: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (value: string) => void;
}

function Select({ label, all, value, options, onChange }: SelectProps): ReactNode {
  return (
    <select className="input" aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{all}</option>
      {/* A value from the address that is not known (yet) must still be seen to filter. */}
      {value !== '' && !options.includes(value) && <option value={value}>{value}</option>}
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

function StatusChoice({ state, change }: Omit<WorkersToolbarProps, 'onSort'>): ReactNode {
  const { data } = useQuery(STATUS_COUNTS, { filter: filterOf(state, true) }, { pollMs: 10_000 });
  const fleet = data?.fleet;
  const label = (text: string, count: number | undefined): ReactNode => (
    <>
      {text}
      {count !== undefined && <span className="count">{formatCount(count)}</span>}
    </>
  );
  return (
    <Segmented<WorkerStatus | 'ALL'>
      label="Status"
      value={state.status ?? 'ALL'}
      onChoose={(status) => change({ status: status === 'ALL' ? null : status })}
      choices={[
        { value: 'ALL', label: label('All', fleet?.workers) },
        { value: 'ONLINE', label: label('Online', fleet?.online) },
        { value: 'SILENT', label: label('Silent', fleet?.silent) },
        { value: 'OFFLINE', label: label('Offline', fleet?.offline) },
      ]}
    />
  );
}

/** On a phone there are no column heads to press. */
function SortSelect({ state, change, onSort }: WorkersToolbarProps): ReactNode {
  return (
    <div className="sort-select">
      <select
        className="input"
        aria-label="Sort by"
        value={state.sort.field}
        onChange={(event) => onSort(event.target.value as WorkerSortField)}
      >
        {COLUMNS.map((column) =>
          column.sort === undefined ? null : (
            <option key={column.sort} value={column.sort}>
              By {column.title.toLowerCase()}
            </option>
          ),
        )}
      </select>
      <button
        type="button"
        className="icon-button"
        aria-label={
          state.sort.direction === 'ASC' ? 'Ascending; switch to descending' : 'Descending; switch to ascending'
        }
        onClick={() => change({ dir: state.sort.direction === 'ASC' ? 'DESC' : null })}
      >
        {state.sort.direction === 'ASC' ? '↑' : '↓'}
      </button>
    </div>
  );
}
