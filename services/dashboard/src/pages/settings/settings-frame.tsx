// The frame of the pages on which a pool is configured: their names, as links, above the one that is open.
import type { ReactNode } from 'react';
import { PageHeader } from '../../components/page-header.tsx';
import { Link } from '../../router/link.tsx';
import { SETTINGS_SECTIONS, type SettingsSection } from '../../router/routes.ts';

const NAMES: Record<SettingsSection, string> = {
  tenants: 'Tenants',
  places: 'Sites and groups',
  workers: 'Workers',
};

export function SettingsFrame({ section, children }: { section: SettingsSection; children: ReactNode }): ReactNode {
  return (
    <>
      <PageHeader title={NAMES[section]} />
      <nav className="sections" aria-label="Settings">
        {SETTINGS_SECTIONS.map((each) => (
          <Link key={each} to={`/settings/${each}`} aria-current={each === section ? 'page' : undefined}>
            {NAMES[each]}
          </Link>
        ))}
      </nav>
      {children}
    </>
  );
}
