// Whether a request comes from a page of this gateway, or from no page at all: programs send neither header. Browsers send both by
// themselves, and no script can change them.
import type { IncomingMessage } from 'node:http';

export function isSameOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
