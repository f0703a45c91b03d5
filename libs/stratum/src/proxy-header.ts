// The header with which a proxy says whose connection it passes on, versions 1 and 2 (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
// It stands before the first byte of the client's stream. Whom to believe one is for the caller to know.

/** Longest header taken: version 1 has at most 107 bytes; version 2 has 16, its addresses, and what a proxy adds, such as a certificate's name. */
export const MAX_PROXY_HEADER_BYTES = 4096;

export type ProxyHeader =
  /** As far as it goes it may become a header. */
  | { readonly kind: 'more' }
  | { readonly kind: 'malformed'; readonly problem: string }
  /** A header of `length` bytes without a client: the proxy's own connection, a health check, or one of which it does not know. */
  | { readonly kind: 'local'; readonly length: number }
  /** A header of `length` bytes; the client's address, IPv6 as RFC 5952 writes it. */
  | { readonly kind: 'client'; readonly length: number; readonly address: string };

const MORE: ProxyHeader = { kind: 'more' };
const SIGNATURE_1 = Buffer.from('PROXY ');
const SIGNATURE_2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const LONGEST_1 = 107;
const HEAD_BYTES_2 = 16;

/** Reads the header at the beginning of `bytes[0, length)`; to be called again with more bytes as long as the answer is 'more'. */
export function parseProxyHeader(bytes: Uint8Array, length: number): ProxyHeader {
  if (length === 0) return MORE;
  const signature = bytes[0] === SIGNATURE_1[0] ? SIGNATURE_1 : SIGNATURE_2;
  for (let i = 0; i < Math.min(length, signature.length); i++)
    if (bytes[i] !== signature[i]) return malformed('there is no PROXY header');
  if (length < signature.length) return MORE;
  return signature === SIGNATURE_1 ? version1(bytes, length) : version2(bytes, length);
}

/** `PROXY TCP4|TCP6 source destination port port`, or `PROXY UNKNOWN` and anything, then CR LF. */
function version1(bytes: Uint8Array, length: number): ProxyHeader {
  const searched = Math.min(length, LONGEST_1);
  let end = SIGNATURE_1.length;
  while (end < searched && bytes[end] !== 10) end++;
  if (end === searched) return searched === LONGEST_1 ? malformed('version 1: too long') : MORE;
  if (bytes[end - 1] !== 13) return malformed('version 1: the line does not end in CR LF');
  const line = Buffer.from(bytes.buffer, bytes.byteOffset + SIGNATURE_1.length, end - 1 - SIGNATURE_1.length);
  const words = line.toString('latin1').split(' ');
  const [family, source, destination, ...ports] = words as [string, ...(string | undefined)[]];
  if (family === 'UNKNOWN') return { kind: 'local', length: end + 1 };
  const read = family === 'TCP4' ? ipv4 : family === 'TCP6' ? ipv6 : undefined;
  if (read === undefined) return malformed('version 1: neither TCP4, TCP6 nor UNKNOWN');
  const address = read(source ?? '');
  if (address === undefined || read(destination ?? '') === undefined || ports.length !== 2 || !ports.every(isPort))
    return malformed('version 1: not two addresses and two ports');
  return { kind: 'client', length: end + 1, address };
}

/** Signature, version and command, family and protocol, length of the rest (u16), addresses, extensions. */
function version2(bytes: Uint8Array, length: number): ProxyHeader {
  if (length > 12 && bytes[12] !== 0x20 && bytes[12] !== 0x21)
    return malformed('version 2: neither the command LOCAL nor PROXY');
  if (length < HEAD_BYTES_2) return MORE;
  const family = bytes[13]! >> 4;
  const protocol = bytes[13]! & 15;
  const rest = (bytes[14]! << 8) | bytes[15]!;
  const total = HEAD_BYTES_2 + rest;
  if (family > 3 || protocol > 2) return malformed('version 2: no such family or protocol');
  if (total > MAX_PROXY_HEADER_BYTES) return malformed('version 2: too long');
  const isClient = bytes[12] === 0x21 && protocol === 1 && (family === 1 || family === 2);
  if (isClient && rest < (family === 1 ? 12 : 36)) return malformed('version 2: too short for its addresses');
  if (length < total) return MORE;
  if (!isClient) return { kind: 'local', length: total };
  const source = bytes.subarray(HEAD_BYTES_2, HEAD_BYTES_2 + (family === 1 ? 4 : 16));
  return { kind: 'client', length: total, address: family === 1 ? source.join('.') : ipv6Text(source) };
}

const malformed = (problem: string): ProxyHeader => ({ kind: 'malformed', problem });

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function ipv4(text: string): string | undefined {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
    ? text
    : undefined;
}

/** One spelling for all of an address, so that it is one address for every limit. */
function ipv6(text: string): string | undefined {
  const lastColon = text.lastIndexOf(':');
  const dotted = text.includes('.') ? ipv4(text.slice(lastColon + 1)) : undefined;
  let plain = text;
  if (dotted !== undefined) {
    const [a, b, c, d] = dotted.split('.').map(Number) as [number, number, number, number];
    plain = `${text.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?];
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return ipv6Text(Uint8Array.from(groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])));
}

/** RFC 5952: lower case, no leading zeroes, the first longest run of two or more zero groups as `::`, IPv4 in dots where it is mapped. */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${bytes.subarray(12).join('.')}`;
  let [from, run] = [0, 1];
  for (let start = 0; start < 8; start++) {
    let end = start;
    while (end < 8 && groups[end] === 0) end++;
    if (end - start > run) [from, run] = [start, end - start];
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  return run < 2 ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(from + run))}`;
}
