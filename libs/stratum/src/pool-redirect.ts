// Where a pool may send its client with client.reconnect: to itself, and to a host under the parent of its own name, as pools do that spread
// their clients over machines. Anywhere else is how hash power is stolen: one forged line on a plain connection would be enough.

export interface PoolRedirect {
  readonly host: string;
  readonly port: number;
  readonly waitSeconds: number;
}

/** A pool that is told to wait longer is asked again after this long. */
const MAX_WAIT_SECONDS = 60;

/** [host, port, seconds to wait], each of which may be missing. @param own the host and port the client is configured with */
export function readRedirect(
  params: readonly unknown[],
  own: { readonly host: string; readonly port: number },
): PoolRedirect | 'bad redirect' | 'refused redirect' {
  const [givenHost = '', givenPort = '', givenWait = 0] = params;
  if (typeof givenHost !== 'string' || givenHost.length > 253) return 'bad redirect';
  const port = givenPort === '' || givenPort === null ? own.port : Number(givenPort);
  const waitSeconds = Number(givenWait);
  if (!Number.isInteger(port) || port < 1 || port > 65535 || !(waitSeconds >= 0)) return 'bad redirect';
  const host = givenHost === '' ? own.host : givenHost.toLowerCase();
  if (!/^[a-z0-9.:_-]+$/.test(host)) return 'bad redirect';
  if (!isOwnHost(host, own.host.toLowerCase())) return 'refused redirect';
  return { host, port, waitSeconds: Math.min(MAX_WAIT_SECONDS, waitSeconds) };
}

/** Whether a host is the configured one, or stands under the same parent domain. An address has none. */
export function isOwnHost(host: string, own: string): boolean {
  if (host === own) return true;
  if (isAddress(host) || isAddress(own)) return false;
  return host.endsWith(`.${parentDomain(own)}`);
}

/**
 * `pool.example` of `eu.pool.example`. A name of two labels is its own parent, and so is one right below what looks like a registry's domain,
 * such as `pool.co.uk`: a short label under a country's.
 */
function parentDomain(host: string): string {
  const labels = host.split('.');
  const parent = labels.slice(1);
  if (parent.length < 2) return host;
  const [second, top] = [parent[0]!, parent[1]!];
  return parent.length === 2 && top.length === 2 && second.length <= 3 ? host : parent.join('.');
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[0-9.]+$/.test(host);
}
