// The address bar as the one place for a page's state: where we are, what is filtered, how it is sorted.
import { useCallback, useMemo, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();

function announce(): void {
  for (const listener of listeners) listener();
}

window.addEventListener('popstate', announce);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes to a same-origin path. `replace` keeps typing in a search box out of the history. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const from = location.pathname;
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  if (location.pathname !== from) window.scrollTo(0, 0);
  announce();
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

type Changes = Record<string, string | null>;

/** The search parameters, and a function that changes some of them (null removes one). */
export function useSearchParams(): [URLSearchParams, (changes: Changes, options?: { replace?: boolean }) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search);
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback((changes: Changes, options: { replace?: boolean } = {}) => {
    navigate(location.pathname + searchWith(location.search, changes), options);
  }, []);
  return [params, change];
}

/** The search string with some parameters changed; empty values are left out, so that a plain page has a plain address. */
export function searchWith(search: string, changes: Changes): string {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? '' : `?${text}`;
}
