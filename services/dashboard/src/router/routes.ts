// Every address of the dashboard, both ways: from a path to a page and from a page to its path.

export const SETTINGS_SECTIONS = ['tenants', 'places', 'workers', 'ownership', 'people', 'keys', 'changes'] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export type Route =
  | { readonly page: 'overview' | 'workers' | 'events' | 'hash-power' | 'reports' | 'connect' | 'account' }
  | { readonly page: 'worker'; readonly name: string }
  | { readonly page: 'settings'; readonly section: SettingsSection }
  | { readonly page: 'not-found' };

/** Reads a path; anything unknown, also a name that is not valid percent-encoding, is `not-found`. */
export function routeFromPath(path: string): Route {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  switch (trimmed) {
    case '/':
    case '':
      return { page: 'overview' };
    case '/workers':
      return { page: 'workers' };
    case '/events':
      return { page: 'events' };
    case '/hash-power':
      return { page: 'hash-power' };
    case '/reports':
      return { page: 'reports' };
    case '/connect':
      return { page: 'connect' };
    case '/account':
      return { page: 'account' };
    case '/settings':
      return { page: 'settings', section: 'tenants' };
  }
  const section = SETTINGS_SECTIONS.find((each) => trimmed === `/settings/${each}`);
  if (section !== undefined) return { page: 'settings', section };
  const worker = /^\/workers\/([^/]+)$/.exec(trimmed);
  if (!worker) return { page: 'not-found' };
  try {
    return { page: 'worker', name: decodeURIComponent(worker[1]!) };
  } catch {
    return { page: 'not-found' };
  }
}

export function workerPath(name: string): string {
  return `/workers/${encodeURIComponent(name)}`;
}

/** The workers table with some of its filters set. */
export function workersPath(filters: Record<string, string>): string {
  const search = new URLSearchParams(filters).toString();
  return search === '' ? '/workers' : `/workers?${search}`;
}

/** The audit log with some of its filters set. */
export function changesPath(filters: Record<string, string>): string {
  return `/settings/changes?${new URLSearchParams(filters).toString()}`;
}
