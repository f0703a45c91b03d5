// Brand, navigation, freshness and theme. On a phone the navigation moves to the bottom edge.
import type { ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import type { Route } from '../router/routes.ts';
import { AccountLinks } from './account-links.tsx';
import { FreshnessPill } from './freshness-pill.tsx';
import {
  BrandMark,
  ConnectIcon,
  EventsIcon,
  HashPowerIcon,
  OverviewIcon,
  ReportsIcon,
  SettingsIcon,
  WorkersIcon,
} from './icons.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

const ENTRIES: readonly { to: string; label: string; icon: () => ReactNode; pages: readonly Route['page'][] }[] = [
  { to: '/', label: 'Overview', icon: OverviewIcon, pages: ['overview'] },
  { to: '/workers', label: 'Workers', icon: WorkersIcon, pages: ['workers', 'worker'] },
  { to: '/events', label: 'Events', icon: EventsIcon, pages: ['events'] },
  { to: '/hash-power', label: 'Bought and got', icon: HashPowerIcon, pages: ['hash-power'] },
  { to: '/reports', label: 'Reports', icon: ReportsIcon, pages: ['reports'] },
  { to: '/connect', label: 'Connect', icon: ConnectIcon, pages: ['connect'] },
  { to: '/settings', label: 'Settings', icon: SettingsIcon, pages: ['settings'] },
];

export function Header({ page }: { page: Route['page'] }): ReactNode {
  return (
    <header className="header">
      <Link to="/" className="brand" aria-label="Assay, overview">
        <BrandMark />
        Assay
      </Link>
      <nav className="nav" aria-label="Pages">
        {ENTRIES.map(({ to, label, icon: Icon, pages }) => (
          <Link key={to} to={to} aria-current={pages.includes(page) ? 'page' : undefined}>
            <Icon />
            {label}
          </Link>
        ))}
      </nav>
      <div className="header-end">
        <FreshnessPill />
        <AccountLinks isCurrent={page === 'account'} />
        <ThemeToggle />
      </div>
    </header>
  );
}
