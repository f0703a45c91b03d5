// Whose hash power is whose: who holds what part of which worker, rack or site, and when.
import { graphql, type ResultOf, type VariablesOf } from '@assay/api-client';
import type { ReactNode } from 'react';
import { serverNowMs } from '../../api/server-clock.ts';
import { useQuery } from '../../api/use-query.ts';
import { Moment } from '../../components/time.tsx';
import { localMoment, type FieldSpec } from '../../entry-form/field-specs.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { change } from '../../login/own-account.ts';
import { EntriesPanel, SpecForm } from './entries-panel.tsx';
import { useListPlace } from './list-place.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { usePermissions } from './use-permissions.ts';

const OWNERSHIPS = graphql(`
  query Ownerships($search: String, $first: Int!, $after: String) {
    ownerships(filter: { search: $search }, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        of
        holder
        fraction
        from
        until
        promisedHashRate
        note
      }
    }
  }
`);

const CREATE_OWNERSHIP = graphql(`
  mutation CreateOwnership($of: String!, $holder: String!, $ownership: OwnershipInput!) {
    createOwnership(of: $of, holder: $holder, ownership: $ownership) {
      id
    }
  }
`);

const CHANGE_OWNERSHIP = graphql(`
  mutation ChangeOwnership($id: ID!, $version: Int!, $ownership: OwnershipInput!) {
    changeOwnership(id: $id, version: $version, ownership: $ownership) {
      id
    }
  }
`);

const REMOVE_OWNERSHIP = graphql(`
  mutation RemoveOwnership($id: ID!, $version: Int!) {
    removeOwnership(id: $id, version: $version)
  }
`);

type Ownership = ResultOf<typeof OWNERSHIPS>['ownerships']['nodes'][number];
type OwnershipInput = VariablesOf<typeof CREATE_OWNERSHIP>['ownership'];

const SPECS: readonly FieldSpec[] = [
  { name: 'fraction', label: 'Share, per cent', kind: 'percent', isNeeded: true },
  { name: 'from', label: 'From', kind: 'moment', isNeeded: true },
  { name: 'until', label: 'Until', kind: 'moment', hint: 'Left empty, it is theirs until somebody ends it.' },
  {
    name: 'promisedHashRate',
    label: 'Promised rate',
    kind: 'rate',
    placeholder: 'such as 55 TH/s',
    hint: 'For their share, where it is not simply that part of what the machines should do.',
  },
  { name: 'note', label: 'Note', kind: 'note' },
];

/** With midnight to begin with, since contracts begin with a day. */
function newSpecs(): readonly FieldSpec[] {
  const today = localMoment(new Date(serverNowMs())).slice(0, 10);
  return [
    {
      name: 'of',
      label: 'Of',
      kind: 'text',
      isNeeded: true,
      placeholder: 'such as acme.north.r1',
      hint: 'A worker, or a site or rack for all machines below it.',
    },
    {
      name: 'holder',
      label: 'Holder',
      kind: 'text',
      isNeeded: true,
      hint: 'The id of the tenant who rents or has bought it.',
    },
    ...SPECS.map((spec) => (spec.name === 'from' ? { ...spec, initial: `${today}T00:00` } : spec)),
  ];
}

export function OwnershipPage(): ReactNode {
  const place = useListPlace();
  const query = useQuery(OWNERSHIPS, place.variables, { pollMs: 30_000 });
  const { may } = usePermissions();
  return (
    <SettingsFrame section="ownership">
      <EntriesPanel
        title="Rented and sold hash power"
        noun="share"
        searched="shares"
        place={place}
        file="ownerships"
        query={query}
        page={query.data?.ownerships}
        isReadOnly={!may('OWNERSHIP_EDIT')}
        nameOf={({ of, holder }) => `${of} to ${holder}`}
        nothing={
          <p>
            All hash power is its tenant’s own. Part of a machine, a rack or a site can be given to another tenant,
            within dates.
          </p>
        }
        columns={[
          { title: 'Of', cell: ({ of }) => <span className="mono">{of}</span> },
          { title: 'Holder', cell: ({ holder }) => <span className="mono">{holder}</span> },
          { title: 'Share', isNumber: true, cell: ({ fraction }) => `${Number((fraction * 100).toFixed(4))} %` },
          { title: 'From', cell: ({ from }) => <Moment at={from} /> },
          {
            title: 'Until',
            cell: ({ until }) => (until === null ? <span className="muted">open</span> : <Moment at={until} />),
          },
          {
            title: 'Promised',
            isNumber: true,
            cell: ({ promisedHashRate }) => promisedHashRate !== null && formatHashRate(promisedHashRate),
          },
          { title: 'Now', cell: (share) => <Standing share={share} /> },
        ]}
        remove={({ id, version }) => change(REMOVE_OWNERSHIP, { id, version })}
        form={(editor) => (
          <SpecForm
            {...editor}
            noun="share"
            specs={SPECS}
            newSpecs={newSpecs()}
            create={({ of, holder, ...ownership }) =>
              change(CREATE_OWNERSHIP, {
                of: String(of),
                holder: String(holder),
                ownership: ownership as OwnershipInput,
              })
            }
            change={({ id, version }, given) =>
              change(CHANGE_OWNERSHIP, { id, version, ownership: given as OwnershipInput })
            }
          />
        )}
      />
    </SettingsFrame>
  );
}

function Standing({ share: { from, until } }: { share: Ownership }): ReactNode {
  const nowMs = serverNowMs();
  if (nowMs < Date.parse(from)) return <span className="tag">to come</span>;
  if (until !== null && nowMs >= Date.parse(until)) return <span className="tag">over</span>;
  return <span className="tag good">in force</span>;
}
