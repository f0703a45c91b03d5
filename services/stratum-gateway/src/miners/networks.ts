// Networks in CIDR notation, IPv4 and IPv6, as settings name them: which addresses are proxies, may come, must not, are never banned.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const NETWORK = /^(?<address>[0-9a-fA-F:.]+)(?:\/(?<bits>\d{1,3}))?$/;

/** Whether an address lies in one of some networks. */
export type InNetworks = (address: string) => boolean;

/** Whether this is a network (`10.0.0.0/8`, `2001:db8::/32`) or an address. */
function isNetwork(text: string): boolean {
  const { address = '', bits } = NETWORK.exec(text)?.groups ?? {};
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/** A setting that lists networks and addresses with commas between; '' for none. */
export const networkList = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
  .refine(
    (networks) => networks.every(isNetwork),
    'expected addresses and networks such as 10.0.0.0/8, with commas between',
  );

/** Undefined when there are none. An IPv4 network also holds its addresses as IPv6 maps them (`::ffff:10.0.0.1`). */
export function inNetworks(networks: readonly string[]): InNetworks | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string?];
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const LINK_LOCAL_SCOPE = /%.*$/;

/**
 * What an address counts as where addresses are counted: an IPv4 address as itself, also in its IPv6 spelling; an IPv6 address as its
 * /64, since that is the least that anybody is given, and one host may use all 2^64 of it.
 */
export function sourceName(address: string): string {
  const mapped = MAPPED.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.replace(LINK_LOCAL_SCOPE, '').toLowerCase().split('::') as [string, string?];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    // An IPv4 tail stands for two groups.
    const missing = 8 - groups.length - after.length - (tail.includes('.') ? 1 : 0);
    groups.push(...new Array<string>(Math.max(0, missing)).fill('0'), ...after);
  }
  const prefix = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${prefix.join(':')}::/64`;
}
