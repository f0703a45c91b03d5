// Which addresses are proxies whose word on their clients' addresses is taken: networks in CIDR notation, IPv4 and IPv6.
import { BlockList, isIP } from 'node:net';

const NETWORK = /^(?<address>[0-9a-fA-F:.]+)(?:\/(?<bits>\d{1,3}))?$/;

/** Whether this is a network (`10.0.0.0/8`, `2001:db8::/32`) or an address. */
export function isNetwork(text: string): boolean {
  const { address = '', bits } = NETWORK.exec(text)?.groups ?? {};
  const family = isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

/** Undefined when there are none. An IPv4 network also holds its addresses as IPv6 maps them (`::ffff:10.0.0.1`). */
export function trustedProxies(networks: readonly string[]): ((address: string) => boolean) | undefined {
  if (networks.length === 0) return undefined;
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split('/') as [string, string?];
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
