// The page of each section of the settings.
import type { ReactNode } from 'react';
import type { SettingsSection } from '../../router/routes.ts';
import { ChannelsPage } from '../alerting/channels-page.tsx';
import { MaintenancePage } from '../alerting/maintenance-page.tsx';
import { RulesPage } from '../alerting/rules-page.tsx';
import { ChangesPage } from './changes-page.tsx';
import { KeysPage } from './keys-page.tsx';
import { OwnershipPage } from './ownership-page.tsx';
import { PeoplePage } from './people-page.tsx';
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
    case 'ownership':
      return <OwnershipPage />;
    case 'people':
      return <PeoplePage />;
    case 'keys':
      return <KeysPage />;
    case 'rules':
      return <RulesPage />;
    case 'channels':
      return <ChannelsPage />;
    case 'maintenance':
      return <MaintenancePage />;
    case 'changes':
      return <ChangesPage />;
  }
}
