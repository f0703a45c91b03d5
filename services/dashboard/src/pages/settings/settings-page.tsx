// The page of each section of the settings.
import type { ReactNode } from 'react';
import type { SettingsSection } from '../../router/routes.ts';
import { PlacesPage } from './places-page.tsx';
import { TenantsPage } from './tenants-page.tsx';
import { WorkersSettingsPage } from './workers-settings-page.tsx';

export function SettingsPage({ section }: { section: SettingsSection }): ReactNode {
  switch (section) {
    case 'tenants':
      return <TenantsPage />;
    case 'places':
      return <PlacesPage />;
    case 'workers':
      return <WorkersSettingsPage />;
  }
}
