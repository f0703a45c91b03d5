// Sites, and groups of workers that are spoken of together.
import { graphql, type VariablesOf } from '@assay/api-client';
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { formatPower } from '../../format/power.ts';
import { change } from '../../login/own-account.ts';
import { EntriesPanel, SpecForm } from './entries-panel.tsx';
import { useListPlace } from './list-place.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { usePermissions } from './use-permissions.ts';

const SITES = graphql(`
  query SiteEntries($search: String, $first: Int!, $after: String) {
    siteEntries(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        location
        powerWatts
        note
      }
    }
  }
`);

const GROUPS = graphql(`
  query WorkerGroups($search: String, $first: Int!, $after: String) {
    workerGroups(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        tenant
        name
        under
        tags
      }
    }
  }
`);

const CREATE_SITE = graphql(`
  mutation CreateSite($id: ID!, $site: SiteInput!) {
    createSite(id: $id, site: $site) {
      id
    }
  }
`);

const CHANGE_SITE = graphql(`
  mutation ChangeSite($id: ID!, $version: Int!, $site: SiteInput!) {
    changeSite(id: $id, version: $version, site: $site) {
      id
    }
  }
`);

const REMOVE_SITE = graphql(`
  mutation RemoveSite($id: ID!, $version: Int!) {
    removeSite(id: $id, version: $version)
  }
`);

const CREATE_GROUP = graphql(`
  mutation CreateWorkerGroup($tenant: String!, $group: WorkerGroupInput!) {
    createWorkerGroup(tenant: $tenant, group: $group) {
      id
    }
  }
`);

const CHANGE_GROUP = graphql(`
  mutation ChangeWorkerGroup($id: ID!, $version: Int!, $group: WorkerGroupInput!) {
    changeWorkerGroup(id: $id, version: $version, group: $group) {
      id
    }
  }
`);

const REMOVE_GROUP = graphql(`
  mutation RemoveWorkerGroup($id: ID!, $version: Int!) {
    removeWorkerGroup(id: $id, version: $version)
  }
`);

type SiteInput = VariablesOf<typeof CREATE_SITE>['site'];
type GroupInput = VariablesOf<typeof CREATE_GROUP>['group'];

const SITE: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  { name: 'location', label: 'Location', kind: 'text' },
  { name: 'powerWatts', label: 'Power, watts', kind: 'number', hint: 'What all its machines draw together.' },
  { name: 'note', label: 'Note', kind: 'note' },
];

const NEW_SITE: readonly FieldSpec[] = [
  {
    name: 'id',
    label: 'Id',
    kind: 'text',
    isNeeded: true,
    placeholder: 'such as acme.north',
    hint: 'The first two parts of its workers’ names. It stays.',
  },
  ...SITE,
];

const GROUP: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  {
    name: 'under',
    label: 'Workers and racks',
    kind: 'places',
    hint: 'Everything whose name is one of these, or lies below it.',
  },
  {
    name: 'tags',
    label: 'Tags',
    kind: 'list',
    placeholder: 'such as row-a',
    hint: 'Every worker with one of these as well.',
  },
];

const NEW_GROUP: readonly FieldSpec[] = [
  { name: 'tenant', label: 'Tenant', kind: 'text', isNeeded: true, placeholder: 'such as acme' },
  ...GROUP,
];

export function PlacesPage(): ReactNode {
  const sitesPlace = useListPlace();
  const sites = useQuery(SITES, sitesPlace.variables, { pollMs: 30_000 });
  const groupsPlace = useListPlace('group');
  const groups = useQuery(GROUPS, groupsPlace.variables, { pollMs: 30_000 });
  const { may } = usePermissions();
  return (
    <SettingsFrame section="places">
      <div className="settings-column">
        <EntriesPanel
          title="Sites"
          noun="site"
          place={sitesPlace}
          file="sites"
          query={sites}
          page={sites.data?.siteEntries}
          isReadOnly={!may('PLACE_EDIT')}
          nameOf={({ name }) => name}
          nothing={
            <p>The second part of a worker’s name is its site. Entered here, it has a name, a place and its power.</p>
          }
          columns={[
            {
              title: 'Site',
              cell: ({ id, name }) => (
                <>
                  {name} <span className="muted mono">{id}</span>
                </>
              ),
            },
            { title: 'Location', cell: ({ location }) => location },
            {
              title: 'Power',
              isNumber: true,
              cell: ({ powerWatts }) => (powerWatts === null ? '' : formatPower(powerWatts)),
            },
            { title: 'Note', cell: ({ note }) => note },
          ]}
          remove={({ id, version }) => change(REMOVE_SITE, { id, version })}
          form={(editor) => (
            <SpecForm
              {...editor}
              noun="site"
              specs={SITE}
              newSpecs={NEW_SITE}
              create={({ id, ...site }) => change(CREATE_SITE, { id: String(id), site: site as SiteInput })}
              change={({ id, version }, site) => change(CHANGE_SITE, { id, version, site: site as SiteInput })}
            />
          )}
        />
        <EntriesPanel
          title="Groups"
          noun="group"
          place={groupsPlace}
          file="groups"
          query={groups}
          page={groups.data?.workerGroups}
          isReadOnly={!may('PLACE_EDIT')}
          nameOf={({ name }) => name}
          nothing={
            <p>Racks, rows or batches of machines that alert rules and maintenance windows speak of together.</p>
          }
          columns={[
            {
              title: 'Group',
              cell: ({ tenant, name }) => (
                <>
                  {name} <span className="muted mono">{tenant}</span>
                </>
              ),
            },
            { title: 'Workers and racks', cell: ({ under }) => under.length > 0 && <Names names={under} /> },
            { title: 'Tags', cell: ({ tags }) => tags.length > 0 && <Names names={tags} /> },
          ]}
          remove={({ id, version }) => change(REMOVE_GROUP, { id, version })}
          form={(editor) => (
            <SpecForm
              {...editor}
              noun="group"
              specs={GROUP}
              newSpecs={NEW_GROUP}
              create={({ tenant, ...group }) =>
                change(CREATE_GROUP, { tenant: String(tenant), group: group as GroupInput })
              }
              change={({ id, version }, group) => change(CHANGE_GROUP, { id, version, group: group as GroupInput })}
            />
          )}
        />
      </div>
    </SettingsFrame>
  );
}

const SHOWN_NAMES = 3;

function Names({ names }: { names: readonly string[] }): ReactNode {
  const more = names.length - SHOWN_NAMES;
  return (
    <span className="mono">
      {names.slice(0, SHOWN_NAMES).join(', ')}
      {more > 0 && <span className="muted"> and {more} more</span>}
    </span>
  );
}
