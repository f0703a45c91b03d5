// Who changed what, and when: the newest first, narrowed by kind, object, person, tenant and time, all of it in the address.
import { graphql, ApiError, type ResultOf, type SchemaType, type VariablesOf } from '@assay/api-client';
import { useState, type ReactNode } from 'react';
import { request } from '../../api/client.ts';
import { useQuery } from '../../api/use-query.ts';
import { ExportLink } from '../../components/export-link.tsx';
import { Failure, Nothing, StaleFailure } from '../../components/messages.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { formatQuantity } from '../../format/number.ts';
import { useSearchParams } from '../../router/location.ts';
import { SearchBox } from '../workers/search-box.tsx';
import { ChangeList } from './change-list.tsx';
import { SettingsFrame } from './settings-frame.tsx';

const CHANGES = graphql(`
  query Changes($filter: ChangeFilter, $after: String) {
    changes(filter: $filter, first: 50, after: $after) {
      nodes {
        id
        at
        by {
          kind
          id
          name
        }
        note
        operation
        kind
        objectId
        objectName
        fields {
          field
          before
          after
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export type Change = ResultOf<typeof CHANGES>['changes']['nodes'][number];
type ChangesPage = ResultOf<typeof CHANGES>['changes'];
type Filter = NonNullable<VariablesOf<typeof CHANGES>['filter']>;
type EntryKind = SchemaType<'EntryKind'>;

export const KIND_WORDS: Record<EntryKind, string> = {
  TENANT: 'tenant',
  SITE: 'site',
  GROUP: 'group',
  WORKER: 'worker',
  OWNERSHIP: 'ownership',
  USER: 'user',
  SESSION: 'login',
  API_KEY: 'API key',
  ALERT_RULE: 'alert rule',
  ALERT_CHANNEL: 'alert channel',
  WEBHOOK: 'webhook',
  MAINTENANCE_WINDOW: 'maintenance window',
};
const KINDS = Object.keys(KIND_WORDS) as EntryKind[];

/** Logins are many, and seldom what one looks for. */
const WITHOUT_LOGINS = KINDS.filter((kind) => kind !== 'SESSION');

export function ChangesPage(): ReactNode {
  const [params, setParams] = useSearchParams();
  const text = (name: string): string => params.get(name) ?? '';
  const kind = KINDS.find((each) => each === params.get('kind'));
  const filter: Filter = {
    kinds: kind === undefined ? (text('object') === '' ? WITHOUT_LOGINS : null) : [kind],
    objectId: params.get('object'),
    tenant: params.get('tenant'),
    by: params.get('by'),
    from: moment(params.get('from'), 0),
    to: moment(params.get('to'), 1),
    search: params.get('q'),
  };
  const isFiltered = ['kind', 'object', 'tenant', 'by', 'from', 'to', 'q'].some((name) => params.has(name));
  return (
    <SettingsFrame section="changes">
      <div className="toolbar">
        <SearchBox
          noun="changes"
          value={text('q')}
          onSearch={(search) => setParams({ q: search }, { replace: true })}
        />
        <select
          className="input"
          aria-label="Kind"
          value={kind ?? ''}
          onChange={(event) => setParams({ kind: event.target.value })}
        >
          <option value="">Every kind but logins</option>
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {KIND_WORDS[each]}
            </option>
          ))}
        </select>
        {(
          [
            ['object', 'Name or id of one object'],
            ['tenant', 'Tenant'],
            ['by', 'Id of who did it'],
          ] as const
        ).map(([name, label]) => (
          <FilterField
            key={`${name} ${text(name)}`}
            label={label}
            value={text(name)}
            onChange={(value) => setParams({ [name]: value })}
          />
        ))}
        <label className="date-field">
          From
          <input
            type="date"
            className="input"
            value={text('from')}
            onChange={(event) => setParams({ from: event.target.value })}
          />
        </label>
        <label className="date-field">
          to
          <input
            type="date"
            className="input"
            value={text('to')}
            onChange={(event) => setParams({ to: event.target.value })}
          />
        </label>
        {isFiltered && (
          <button
            type="button"
            className="button"
            onClick={() =>
              setParams({ kind: null, object: null, tenant: null, by: null, from: null, to: null, q: null })
            }
          >
            Clear
          </button>
        )}
        <ExportLink
          table="changes"
          only={['kind', 'object', 'tenant', 'by', 'q']}
          more={{ limit: '100000', ...(filter.from && { from: filter.from }), ...(filter.to && { to: filter.to }) }}
        />
      </div>
      <ChangePages
        key={JSON.stringify(filter)}
        filter={filter}
        isFiltered={isFiltered}
        onChoose={(name, value) => setParams({ [name]: value })}
      />
    </SettingsFrame>
  );
}

/** The beginning of a day here, `days` later; null for none. */
function moment(day: string | null, days: number): string | null {
  const at = new Date(`${day ?? ''}T00:00`);
  if (Number.isNaN(at.getTime())) return null;
  at.setDate(at.getDate() + days);
  return at.toISOString();
}

function FilterField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  const commit = (): void => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <input
      className="input filter-field"
      aria-label={label}
      placeholder={label}
      value={text}
      maxLength={160}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

interface ChangePagesProps {
  readonly filter: Filter;
  readonly isFiltered: boolean;
  readonly onChoose: (filter: 'object' | 'by', value: string) => void;
}

function ChangePages({ filter, isFiltered, onChoose }: ChangePagesProps): ReactNode {
  const { data, error, refetch } = useQuery(CHANGES, { filter, after: null }, { pollMs: 15_000 });
  const [older, setOlder] = useState<readonly ChangesPage[]>([]);
  const [isLoading, setIsLoading] = useState(false);
  const [olderError, setOlderError] = useState<ApiError>();
  const newest = data?.changes;
  if (newest === undefined)
    return (
      <div className="panel">{error ? <Failure error={error} onRetry={refetch} /> : <SkeletonLines lines={12} />}</div>
    );

  const end = (older.at(-1) ?? newest).pageInfo;
  const loadOlder = async (): Promise<void> => {
    setIsLoading(true);
    try {
      const { data: more } = await request(CHANGES, { filter, after: end.endCursor });
      setOlder([...older, more.changes]);
      setOlderError(undefined);
    } catch (cause) {
      setOlderError(cause instanceof ApiError ? cause : new ApiError('UNKNOWN', String(cause), false));
    }
    setIsLoading(false);
  };
  // New ones come in on top and push the first page's last ones into those that were loaded: each is shown once.
  const changes = [
    ...new Map([newest, ...older].flatMap(({ nodes }) => nodes).map((change) => [change.id, change])).values(),
  ];
  return (
    <div className="panel">
      {error && <StaleFailure error={error} onRetry={refetch} />}
      {changes.length === 0 ? (
        <Nothing title={isFiltered ? 'No change matches' : 'No change yet'}>
          <p>
            {isFiltered
              ? 'Take a filter away to see more.'
              : 'Whatever is entered, changed or removed is listed here, with what it was before. It takes the permission to see the audit log.'}
          </p>
        </Nothing>
      ) : (
        <ChangeList changes={changes} onChoose={onChoose} />
      )}
      {olderError && <StaleFailure error={olderError} onRetry={() => void loadOlder()} />}
      {changes.length > 0 && (
        <div className="list-end">
          <span className="muted" role="status">
            {formatQuantity(changes.length, 'change')}
            {end.hasNextPage ? '' : ', all that are kept at hand'}
          </span>
          {end.hasNextPage && (
            <button type="button" className="button" disabled={isLoading} onClick={() => void loadOlder()}>
              {isLoading ? 'Loading' : 'Show older'}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
