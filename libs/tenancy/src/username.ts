// A worker's username is `tenant.site.rack.machine`, dots free after the first: the first segment is the tenant, the rest the path.

export interface WorkerName {
  /** The whole username, sanitised: what is stored and shown. */
  readonly worker: string;
  readonly tenant: string;
  /** Second segment, or '' when there is none. */
  readonly site: string;
  /** Everything after the tenant, or '' when there is nothing. */
  readonly path: string;
}

/** Longest username taken, in characters. Some firmware cuts at 63, some overflows past 127. */
export const MAX_USERNAME_LENGTH = 127;

/** Characters a username may hold. Everything that shows a name can rely on it: no spaces, quotes, angle brackets or control characters. */
const ALLOWED = /^[A-Za-z0-9._+@:/=-]+$/;

/** Parses a username as a miner sent it (some percent-encode it); undefined when it is empty, too long or holds other characters. */
export function parseUsername(sent: string): WorkerName | undefined {
  let text = sent.trim();
  if (text.includes('%')) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return undefined;
    }
  }
  if (text.length > MAX_USERNAME_LENGTH || !ALLOWED.test(text)) return undefined;
  const [tenant = '', site = ''] = text.split('.');
  if (tenant === '') return undefined;
  return { worker: text, tenant, site, path: text.slice(tenant.length + 1) };
}

/** The third segment of a name of four or more, which says what rack of its site the worker stands in; undefined without one. */
export function rackOf(worker: string): string | undefined {
  const segments = worker.split('.', 4);
  return segments.length < 4 || segments[2] === '' ? undefined : segments[2];
}
