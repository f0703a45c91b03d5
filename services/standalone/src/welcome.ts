// What a person reads when the pool has started: where to point miners and where to look.
import { networkInterfaces } from 'node:os';
import type { StandalonePool } from './compose.ts';

/** Addresses under which others reach a listener on `host`. */
export function reachableHosts(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const external = Object.values(networkInterfaces())
    .flat()
    .filter((address) => address !== undefined && address.family === 'IPv4' && !address.internal)
    .map((address) => address!.address);
  return external.length > 0 ? external : ['127.0.0.1'];
}

export function welcome({
  host,
  stratumPort,
  httpPort,
  clickHousePort,
  dataDir,
  demo,
  minimumDifficulty,
  setupUrl,
}: StandalonePool): string {
  const at = reachableHosts(host).map((name) => (name.includes(':') ? `[${name}]` : name));
  const each = (scheme: string, port: number, path = ''): string =>
    at.map((name) => `${scheme}://${name}:${port}${path}`).join('  ');
  const login =
    setupUrl === undefined
      ? ''
      : `\n\n  Nobody has to log in yet: who reaches the pool may do everything. This link, for a day, makes the first user:\n  ${setupUrl}`;
  return `
Assay is running${demo ? ', with a simulated farm of 72 machines mining at it' : ''}.

  Point miners at   ${each('stratum+tcp', stratumPort)}
    username        tenant.site.rack.machine, for example acme.north.r1.m07
    password        x, or options: x,d=65536,rate=100T   (lowest difficulty ${minimumDifficulty})
  Dashboard         ${each('http', httpPort, '/')}
  GraphQL           ${each('http', httpPort, '/graphql')}
  SQL, read-only    ${each('http', clickHousePort, '/')}   curl '${`http://${at[0]}:${clickHousePort}`}/?query=SHOW+TABLES+FROM+assay'
  Data              ${dataDir}${login}

Ctrl-C stops it; nothing a miner was told is lost.
`;
}
