// Where somebody wanted to go who leaves the dashboard to log in with a provider, and comes back at its start. Kept for this tab alone.

const KEY = 'assay.wanted-path';

export const wantedPath = {
  keep(): void {
    try {
      sessionStorage.setItem(KEY, location.pathname + location.search);
    } catch {
      // Without storage one comes back at the overview.
    }
  },

  /** Undefined when there is none; gives it once. */
  take(): string | undefined {
    try {
      const path = sessionStorage.getItem(KEY);
      sessionStorage.removeItem(KEY);
      // A path of this origin: two slashes would be another host.
      return path !== null && /^\/(?!\/)/.test(path) ? path : undefined;
    } catch {
      return undefined;
    }
  },
};
