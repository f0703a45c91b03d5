// Brand, tenant, navigation, freshness and theme. On a phone the navigation moves to the bottom edge. Entries for which there is no room are
// behind "More", which the style sheet shows instead of them: it alone knows the room.
import type { ReactNode } from 'react';
import { Link } from '../router/link.tsx';
import type { Route } from '../router/routes.ts';
import { UnacknowledgedCount } from '../pages/alerts/unacknowledged-count.tsx';
import { AccountLinks } from './account-links.tsx';
import { FreshnessPill } from './freshness-pill.tsx';
import { BrandMark, MoreIcon } from './icons.tsx';
import { NavigationMenu } from './navigation-menu.tsx';
import { TenantSwitch } from './tenant-switch.tsx';
import { ThemeToggle } from './theme-toggle.tsx';
import { useEntries } from './use-entries.ts';

export function Header({ page }: { page: Route['page'] }): ReactNode {
  const entries = useEntries();
  return (
    <header className="header">
      <Link to="/" className="brand" aria-label="Assay, first page">
        <BrandMark />
        <span className="brand-name">Assay</span>
      </Link>
      <TenantSwitch />
      <nav className="nav" aria-label="Pages">
        {entries.map(({ to, label, icon: Icon, pages, place }) => (
          <Link key={to} to={to} className={`place-${place}`} aria-current={pages.includes(page) ? 'page' : undefined}>
            <Icon />
            {label}
            {to === '/alerts' && <UnacknowledgedCount />}
          </Link>
        ))}
        <NavigationMenu
          label="More"
          icon={MoreIcon}
          entries={entries.filter(({ place }) => place !== 'bar')}
          page={page}
        />
      </nav>
      <div className="header-end">
        <FreshnessPill />
        <AccountLinks isCurrent={page === 'account'} />
        <ThemeToggle />
      </div>
    </header>
  );
}
