// The frame of the pages on which a pool is configured: their names, as links, above the one that is open.
import { useEffect, useRef, type ReactNode } from 'react';
import { PageHeader } from '../../components/page-header.tsx';
import { Link } from '../../router/link.tsx';
import { SETTINGS_SECTIONS, type SettingsSection } from '../../router/routes.ts';

const NAMES: Record<SettingsSection, string> = {
  tenants: 'Tenants',
  places: 'Sites and groups',
  workers: 'Workers',
  ownership: 'Ownership',
  people: 'People',
  keys: 'Service keys',
  rules: 'Alert rules',
  channels: 'Alert channels',
  maintenance: 'Maintenance',
  changes: 'Audit log',
};

export function SettingsFrame({ section, children }: { section: SettingsSection; children: ReactNode }): ReactNode {
  const names = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the names are wider than the screen.
    names.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [section]);
  return (
    <>
      <PageHeader title={NAMES[section]} />
      <nav className="sections" aria-label="Settings" ref={names}>
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
