// Every address of the dashboard, both ways: from a path to a page and from a page to its path.

/** Pages of one address each. */
const PAGES = {
  '/': 'overview',
  '/fleet': 'fleet',
  '/workers': 'workers',
  '/alerts': 'alerts',
  '/events': 'events',
  '/hash-power': 'hash-power',
  '/reports': 'reports',
  '/connect': 'connect',
  '/account': 'account',
  '/account/keys': 'own-keys',
} as const;

export const SETTINGS_SECTIONS = [
  'tenants',
  'places',
  'workers',
  'ownership',
  'people',
  'keys',
  'rules',
  'channels',
  'maintenance',
  'changes',
] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];

export type Route =
  | { readonly page: (typeof PAGES)[keyof typeof PAGES] }
  | { readonly page: 'worker'; readonly name: string }
  | { readonly page: 'settings'; readonly section: SettingsSection }
  | { readonly page: 'not-found' };

/** Reads a path; anything unknown, also a name that is not valid percent-encoding, is `not-found`. */
export function routeFromPath(path: string): Route {
  const trimmed = path.replace(/\/+$/, '') || '/';
  if (Object.hasOwn(PAGES, trimmed)) return { page: PAGES[trimmed as keyof typeof PAGES] };
  if (trimmed === '/settings') return { page: 'settings', section: 'tenants' };
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
