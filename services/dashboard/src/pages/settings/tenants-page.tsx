// Tenants: whom machines and hash power belong to.
import { graphql, type VariablesOf } from '@assay/api-client';
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { formatCount } from '../../format/number.ts';
import { change } from '../../login/own-account.ts';
import { Link } from '../../router/link.tsx';
import { workersPath } from '../../router/routes.ts';
import { EntriesPanel, SpecForm } from './entries-panel.tsx';
import { useListPlace } from './list-place.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { usePermissions } from './use-permissions.ts';

const TENANTS = graphql(`
  query TenantEntries($search: String, $first: Int!, $after: String) {
    tenantEntries(search: $search, first: $first, after: $after) {
      totalCount
      pageInfo {
        hasNextPage
        endCursor
      }
      nodes {
        id
        version
        name
        kind
        autoRegister
        maxWorkers
        enteredWorkers
        maxSubmitsPerSecond
        retentionDays
        timeZone
        requireSecondFactor
      }
    }
  }
`);

const CREATE_TENANT = graphql(`
  mutation CreateTenant($id: ID!, $tenant: TenantInput!) {
    createTenant(id: $id, tenant: $tenant) {
      id
    }
  }
`);

const CHANGE_TENANT = graphql(`
  mutation ChangeTenant($id: ID!, $version: Int!, $tenant: TenantInput!) {
    changeTenant(id: $id, version: $version, tenant: $tenant) {
      id
    }
  }
`);

const REMOVE_TENANT = graphql(`
  mutation RemoveTenant($id: ID!, $version: Int!) {
    removeTenant(id: $id, version: $version)
  }
`);

type TenantInput = VariablesOf<typeof CREATE_TENANT>['tenant'];

const KINDS = { OPERATOR: 'The operator', HOSTING: 'Hosting customer', CLOUD: 'Cloud customer' } as const;

const SPECS: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  {
    name: 'kind',
    label: 'What they are',
    kind: 'choice',
    choices: Object.entries(KINDS).map(([value, label]) => ({ value, label })),
    initial: 'HOSTING',
    isNeeded: true,
  },
  { name: 'autoRegister', label: 'Take new workers in with their first share', kind: 'flag', initial: 'yes' },
  { name: 'requireSecondFactor', label: 'Their users need a second factor', kind: 'flag' },
  { name: 'maxWorkers', label: 'Most workers', kind: 'count', placeholder: 'no limit' },
  {
    name: 'maxSubmitsPerSecond',
    label: 'Most shares a second',
    kind: 'number',
    hint: 'Of all their workers together, on each gateway.',
    placeholder: 'the general limit',
  },
  { name: 'timeZone', label: 'Time zone of reports', kind: 'text', placeholder: 'UTC, or such as Europe/Oslo' },
  { name: 'retentionDays', label: 'Days that raw shares are shown', kind: 'count' },
];

const NEW_SPECS: readonly FieldSpec[] = [
  {
    name: 'id',
    label: 'Id',
    kind: 'text',
    isNeeded: true,
    hint: 'The first part of their workers’ names, such as acme in acme.north.r1.m07. It stays.',
  },
  ...SPECS,
];

export function TenantsPage(): ReactNode {
  const place = useListPlace();
  const query = useQuery(TENANTS, place.variables, { pollMs: 30_000 });
  const { may } = usePermissions();
  return (
    <SettingsFrame section="tenants">
      <EntriesPanel
        title="Tenants"
        noun="tenant"
        place={place}
        file="tenants"
        query={query}
        page={query.data?.tenantEntries}
        isReadOnly={!may('TENANT_EDIT')}
        nameOf={({ name }) => name}
        nothing={
          <p>
            Machines mine without one. With a tenant their workers are entered, users can be given rights over them, and
            limits can be set.
          </p>
        }
        columns={[
          {
            title: 'Tenant',
            cell: ({ id, name }) => (
              <>
                {name} <span className="muted mono">{id}</span>
              </>
            ),
          },
          { title: 'What', cell: ({ kind }) => KINDS[kind] },
          {
            title: 'Workers',
            isNumber: true,
            cell: ({ id, enteredWorkers, maxWorkers }) => (
              <Link to={workersPath({ tenant: id })}>
                {formatCount(enteredWorkers)}
                {maxWorkers !== null && ` of ${formatCount(maxWorkers)}`}
                <span className="sr-only"> workers of {id}</span>
              </Link>
            ),
          },
          { title: 'New workers', cell: ({ autoRegister }) => (autoRegister ? 'taken in' : 'to quarantine') },
          {
            title: 'Second factor',
            cell: ({ requireSecondFactor }) => (requireSecondFactor ? 'needed' : 'as they like'),
          },
        ]}
        remove={({ id, version }) => change(REMOVE_TENANT, { id, version })}
        form={(editor) => (
          <SpecForm
            {...editor}
            noun="tenant"
            specs={SPECS}
            newSpecs={NEW_SPECS}
            create={({ id, ...tenant }) => change(CREATE_TENANT, { id: String(id), tenant: tenant as TenantInput })}
            change={({ id, version }, tenant) => change(CHANGE_TENANT, { id, version, tenant: tenant as TenantInput })}
          />
        )}
      />
    </SettingsFrame>
  );
}
