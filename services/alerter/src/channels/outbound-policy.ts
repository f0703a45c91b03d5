// Which addresses a channel may reach. Tenants write the URLs, so a service inside must not be made to call what only it can reach: loopback,
// private and link-local networks, metadata services, and whatever wraps such an address. The name is resolved once and the connection goes to
// an address that was checked, so a name that answers differently the second time gains nothing.
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';

export interface OutboundPolicy {
  /** Receivers on private networks, loopback included, and plain HTTP: for receivers of one's own. */
  readonly allowPrivate: boolean;
}

/** The address a name has is one that the policy does not allow. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
  readonly code = 'forbidden_address';
}

// IANA's special-purpose registries: nothing there is somebody else's public server.
const NOT_PUBLIC_4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]);
// Of IPv6 only global unicast is public, and of that not what is for protocols, documentation or wraps an IPv4 address (6to4, Teredo).
const PUBLIC_6 = blockList('ipv6', ['2000::/3']);
const NOT_PUBLIC_6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NOT_PUBLIC_4.check(address, 'ipv4');
  return isIP(address) === 6 && PUBLIC_6.check(address, 'ipv6') && !NOT_PUBLIC_6.check(address, 'ipv6');
}

/** Why the policy does not let a host be reached that is written as an address; undefined when it does, or the host is a name. */
export function forbiddenHost(host: string, policy: OutboundPolicy): string | undefined {
  const address = host.replace(/^\[|\]$/g, '');
  if (policy.allowPrivate || isIP(address) === 0 || isPublicAddress(address)) return undefined;
  return `${address} is not a public address`;
}

/** A `lookup` for sockets that hands out checked addresses only. Names with no allowed address fail with ForbiddenAddress. */
export function guardedLookup(policy: OutboundPolicy, resolveName: typeof resolve = resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed = addresses.filter(({ address }) => policy.allowPrivate || isPublicAddress(address));
      if (allowed.length === 0) {
        const all = addresses.map(({ address }) => address).join(', ');
        return callback(new ForbiddenAddress(`${hostname} has no public address (${all})`), []);
      }
      answer(allowed, options.all === true, callback);
    });
  };
}

function answer(addresses: readonly LookupAddress[], all: boolean, callback: Parameters<LookupFunction>[2]): void {
  if (all) callback(null, [...addresses]);
  else callback(null, addresses[0]!.address, addresses[0]!.family);
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', prefix = ''] = subnet.split('/');
    list.addSubnet(net, Number(prefix), family);
  }
  return list;
}
