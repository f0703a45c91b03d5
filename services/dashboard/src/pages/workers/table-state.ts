// What the table shows, as the address bar holds it: filters, search and sort.
import type { Algorithm, WorkerFilter, WorkerSort, WorkerSortField, WorkerStatus } from '../../api/schema-types.ts';

const SORT_FIELDS: readonly WorkerSortField[] = [
  'NAME',
  'HASH_RATE',
  'UPTIME',
  'INVALID',
  'CONTRIBUTION',
  'LAST_SHARE',
  'DIFFICULTY',
];
const STATUSES: readonly WorkerStatus[] = ['ONLINE', 'SILENT', 'OFFLINE'];
const ALGORITHMS: readonly Algorithm[] = ['SHA256D', 'SCRYPT'];

export interface TableState {
  readonly search: string;
  readonly tenant: string;
  readonly site: string;
  /** Undefined for all. */
  readonly status: WorkerStatus | undefined;
  readonly algorithm: Algorithm | undefined;
  readonly sort: WorkerSort;
}

/** Reads the address; anything it does not know counts as not given. */
export function tableStateFrom(params: URLSearchParams): TableState {
  const field = SORT_FIELDS.find((each) => each === params.get('sort')) ?? 'NAME';
  return {
    search: params.get('q') ?? '',
    tenant: params.get('tenant') ?? '',
    site: params.get('site') ?? '',
    status: STATUSES.find((each) => each === params.get('status')),
    algorithm: ALGORITHMS.find((each) => each === params.get('algorithm')),
    sort: { field, direction: params.get('dir') === 'DESC' ? 'DESC' : 'ASC' },
  };
}

/** The API's filter, without the status when `anyStatus`: a worker that leaves a status must still be told of. */
export function filterOf(state: TableState, anyStatus = false): WorkerFilter {
  return {
    ...(state.tenant === '' ? {} : { tenant: state.tenant }),
    ...(state.site === '' ? {} : { site: state.site }),
    ...(state.search === '' ? {} : { search: state.search }),
    ...(state.status === undefined || anyStatus ? {} : { status: [state.status] }),
    ...(state.algorithm === undefined ? {} : { algorithm: state.algorithm }),
  };
}

/** The direction in which a column is worth looking at first: names from A, everything else with the largest or, for faults, the worst on top. */
const FIRST_DIRECTION: Record<WorkerSortField, WorkerSort['direction']> = {
  NAME: 'ASC',
  HASH_RATE: 'DESC',
  UPTIME: 'ASC',
  INVALID: 'DESC',
  CONTRIBUTION: 'ASC',
  LAST_SHARE: 'DESC',
  DIFFICULTY: 'DESC',
};

/** The sort after a click on a column's head: its first direction, then the other one. */
export function nextSort(current: WorkerSort, field: WorkerSortField): WorkerSort {
  if (current.field !== field) return { field, direction: FIRST_DIRECTION[field] };
  return { field, direction: current.direction === 'ASC' ? 'DESC' : 'ASC' };
}

/** The address parameters of a sort; the default one leaves none. */
export function sortParams({ field, direction }: WorkerSort): Record<'sort' | 'dir', string | null> {
  return { sort: field === 'NAME' ? null : field, dir: direction === 'ASC' ? null : direction };
}
