// The dashboard's pages as one finds them: a page adds one line here, in the order in which it is to be read, and its address in
// router/routes.ts. What somebody may not use is not offered to them; the gateway refuses it in any case.
import type { ReactNode } from 'react';
import type { SchemaType } from '@assay/api-client';
import type { Route } from '../router/routes.ts';
import {
  AlertsIcon,
  ConnectIcon,
  EventsIcon,
  FleetIcon,
  HashPowerIcon,
  OverviewIcon,
  ReportsIcon,
  SettingsIcon,
  WorkersIcon,
} from './icons.tsx';

export type Permission = SchemaType<'Permission'>;

export interface NavigationEntry {
  readonly to: string;
  readonly label: string;
  readonly icon: () => ReactNode;
  /** The pages on which it is the current entry. */
  readonly pages: readonly Route['page'][];
  /** `bar`: one of the four that always have a place, on a phone too. `more`: where there is room, else behind "More". */
  readonly place: 'bar' | 'more';
  /** Shown to who has any of them, anywhere; to everybody when left out. */
  readonly needs?: readonly Permission[];
  /** For those who bought hash power and have no machines of their own: their first page, or one that would be empty for them. */
  readonly toBuyers?: 'first' | 'never';
}

export const ENTRIES: readonly NavigationEntry[] = [
  { to: '/', label: 'Overview', icon: OverviewIcon, pages: ['overview'], place: 'bar', toBuyers: 'never' },
  { to: '/fleet', label: 'Fleet', icon: FleetIcon, pages: ['fleet'], place: 'bar' },
  { to: '/workers', label: 'Workers', icon: WorkersIcon, pages: ['workers', 'worker'], place: 'bar' },
  { to: '/alerts', label: 'Alerts', icon: AlertsIcon, pages: ['alerts'], place: 'bar' },
  { to: '/events', label: 'Events', icon: EventsIcon, pages: ['events'], place: 'more' },
  {
    to: '/hash-power',
    label: 'Bought and got',
    icon: HashPowerIcon,
    pages: ['hash-power'],
    place: 'more',
    toBuyers: 'first',
  },
  { to: '/reports', label: 'Reports', icon: ReportsIcon, pages: ['reports'], place: 'more' },
  { to: '/connect', label: 'Connect', icon: ConnectIcon, pages: ['connect'], place: 'more', toBuyers: 'never' },
  {
    to: '/settings',
    label: 'Settings',
    icon: SettingsIcon,
    pages: ['settings'],
    place: 'more',
    needs: ['TENANT_EDIT', 'PLACE_EDIT', 'WORKER_EDIT', 'OWNERSHIP_EDIT', 'USER_EDIT', 'ALERT_EDIT', 'AUDIT_VIEW'],
  },
];

export interface Usable {
  /** None while they are not known yet: only what needs none is offered then. */
  readonly permissions: readonly Permission[];
  /** While the pool is open to everybody, everybody may do everything. */
  readonly isOpen: boolean;
  readonly isBuyer: boolean;
}

/** The entries that somebody can use, in order. */
export function usableEntries(
  { permissions, isOpen, isBuyer }: Usable,
  entries: readonly NavigationEntry[] = ENTRIES,
): readonly NavigationEntry[] {
  const usable = entries.filter(
    ({ needs }) => isOpen || needs === undefined || needs.some((each) => permissions.includes(each)),
  );
  if (!isBuyer) return usable;
  const first = usable
    .filter(({ toBuyers }) => toBuyers === 'first')
    .map((entry) => ({ ...entry, place: 'bar' as const }));
  return [...first, ...usable.filter(({ toBuyers }) => toBuyers === undefined)];
}

/** Where somebody begins: an operator's overview would be full of empty panels to who only bought hash power. */
export const START_OF_BUYERS = ENTRIES.find(({ toBuyers }) => toBuyers === 'first')!.to;

interface Grant {
  readonly role: SchemaType<'Role'>;
  readonly tenant: string;
  readonly site: string | null;
}

/** Whether somebody is a customer of tenants that bought hash power, and nothing else. */
export function isBuyer(
  grants: readonly Grant[],
  tenants: readonly { readonly id: string; readonly kind: SchemaType<'TenantKind'> }[],
): boolean {
  const isOfBuyer = ({ role, tenant, site }: Grant): boolean =>
    role === 'CUSTOMER' && site === null && tenants.some(({ id, kind }) => id === tenant && kind === 'CLOUD');
  return grants.length > 0 && grants.every(isOfBuyer);
}
