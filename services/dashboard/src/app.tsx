// The door, behind it the frame, and the page the address names. Moving to another page puts the focus on its content, as loading a document would.
import { useEffect, useRef, type ReactNode } from 'react';
import { FreshnessProvider } from './api/freshness.tsx';
import { DoorKeeper } from './login/door-keeper.tsx';
import { HashPowerPage } from './pages/hash-power/hash-power-page.tsx';
import { ReportsPage } from './pages/hash-power/reports-page.tsx';
import { AccountPage } from './pages/account/account-page.tsx';
import { ConnectPage } from './pages/connect/connect-page.tsx';
import { AlertsPage } from './pages/alerts/alerts-page.tsx';
import { EventsPage } from './pages/events/events-page.tsx';
import { FleetPage } from './pages/fleet/fleet-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OwnKeysPage } from './pages/keys/own-keys-page.tsx';
import { SettingsPage } from './pages/settings/settings-page.tsx';
import { WorkerPage } from './pages/worker/worker-page.tsx';
import { WorkersPage } from './pages/workers/workers-page.tsx';
import { usePath } from './router/location.ts';
import { routeFromPath, type Route } from './router/routes.ts';
import { Banners } from './shell/banners.tsx';
import { Header } from './shell/header.tsx';
import { StartPage } from './shell/start-page.tsx';

function Page({ route }: { route: Route }): ReactNode {
  switch (route.page) {
    case 'overview':
      return <StartPage />;
    case 'fleet':
      return <FleetPage />;
    case 'workers':
      return <WorkersPage />;
    case 'worker':
      return <WorkerPage key={route.name} name={route.name} />;
    case 'alerts':
      return <AlertsPage />;
    case 'events':
      return <EventsPage />;
    case 'hash-power':
      return <HashPowerPage />;
    case 'reports':
      return <ReportsPage />;
    case 'connect':
      return <ConnectPage />;
    case 'account':
      return <AccountPage />;
    case 'own-keys':
      return <OwnKeysPage />;
    case 'settings':
      return <SettingsPage section={route.section} />;
    case 'not-found':
      return <NotFoundPage />;
  }
}

export function App(): ReactNode {
  return (
    <DoorKeeper>
      <Pages />
    </DoorKeeper>
  );
}

function Pages(): ReactNode {
  const path = usePath();
  const route = routeFromPath(path);
  const main = useRef<HTMLElement>(null);
  const firstPath = useRef(path);
  useEffect(() => {
    if (firstPath.current === path) return;
    firstPath.current = '';
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <FreshnessProvider>
      <a href="#content" className="skip-link">
        Skip to content
      </a>
      <Header page={route.page} />
      <Banners />
      <main id="content" className={`main page-${route.page}`} ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
    </FreshnessProvider>
  );
}
