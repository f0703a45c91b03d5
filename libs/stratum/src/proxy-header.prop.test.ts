// PROXY headers: the examples of the specification, every way to break one, and streams cut anywhere.
import { isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROXY_HEADER_BYTES, parseProxyHeader, type ProxyHeader } from './proxy-header.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const parse = (bytes: Uint8Array): ProxyHeader => parseProxyHeader(bytes, bytes.length);
const line = (text: string): Buffer => Buffer.from(`PROXY ${text}\r\n`);

function binary(command: number, family: number, addresses: Uint8Array, extensions = 0): Buffer {
  const head = Buffer.alloc(4);
  head[0] = command;
  head[1] = family;
  head.writeUInt16BE(addresses.length + extensions, 2);
  return Buffer.concat([SIGNATURE, head, addresses, Buffer.alloc(extensions, 7)]);
}

const ports = Buffer.from('ea6001bb', 'hex');
const inet = (source: Uint8Array): Uint8Array => Buffer.concat([source, Buffer.from([10, 0, 0, 1]), ports]);
const inet6 = (source: Uint8Array): Uint8Array => Buffer.concat([source, Buffer.alloc(16, 1), ports]);

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const v6 = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
);
/** A header with what it says. */
const header: fc.Arbitrary<{ bytes: Buffer; address: string | undefined }> = fc.oneof(
  v4.map((source) => ({ bytes: line(`TCP4 ${source.join('.')} 1.2.3.4 1 65535`), address: source.join('.') })),
  fc.ipV6().map((text) => ({ bytes: line(`TCP6 ${text} ::1 0 3333`), address: canonical(text) })),
  fc
    .constantFrom('UNKNOWN', 'UNKNOWN ffff::1 anything 1 2 3')
    .map((text) => ({ bytes: line(text), address: undefined })),
  fc.tuple(v4, fc.nat(300)).map(([source, more]) => ({
    bytes: binary(0x21, 0x11, inet(source), more),
    address: source.join('.'),
  })),
  fc.tuple(v6, fc.nat(300)).map(([source, more]) => ({
    bytes: binary(0x21, 0x21, inet6(source), more),
    address: canonical(Buffer.from(source).toString('hex').match(/..../g)!.join(':')),
  })),
  fc.constantFrom(0x00, 0x11, 0x21, 0x31).map((family) => ({
    bytes: binary(0x20, family, Buffer.alloc(216)),
    address: undefined,
  })),
  fc.constantFrom(0x00, 0x12, 0x22, 0x31, 0x32).map((family) => ({
    bytes: binary(0x21, family, Buffer.alloc(216)),
    address: undefined,
  })),
);

/** As Node writes it; it leaves IPv4 mapped and compatible addresses in forms of its own. */
function canonical(text: string): string {
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

/** The 96 zero bits of an IPv4-compatible address: Node writes the rest in dots, RFC 5952 does not. */
const isCompatible = (address: string): boolean => /^::(\d+\.){3}\d+$/.test(address);

describe('a PROXY header', () => {
  it.each([
    ['TCP4 192.168.0.1 192.168.0.11 56324 443', '192.168.0.1'],
    ['TCP4 255.255.255.255 255.255.255.255 65535 65535', '255.255.255.255'],
    ['TCP6 2001:DB8:0:0:0:0:0:1 ::1 1 2', '2001:db8::1'],
    ['TCP6 ::ffff:1.2.3.4 ::1 1 2', '::ffff:1.2.3.4'],
    ['TCP6 ::ffff:102:304 ::1 1 2', '::ffff:1.2.3.4'],
    ['TCP6 :: ::1 1 2', '::'],
    ['TCP6 1:0:0:2:0:0:0:3 ::1 1 2', '1:0:0:2::3'],
    ['TCP6 1:0:2:3:4:5:6:7 ::1 1 2', '1:0:2:3:4:5:6:7'],
  ])('of version 1, %s, names the client', (text, address) => {
    expect(parse(line(text))).toEqual({ kind: 'client', length: line(text).length, address });
  });

  it.each([
    'TCP4 192.168.0.1 192.168.0.11 56324',
    'TCP4 192.168.0.1 192.168.0.11 56324 443 1',
    'TCP4 192.168.0.256 192.168.0.11 56324 443',
    'TCP4 192.168.0.01 192.168.0.11 56324 443',
    'TCP4 ::1 ::1 56324 443',
    'TCP4  192.168.0.1 192.168.0.11 56324 443',
    'TCP4 192.168.0.1 192.168.0.11 65536 443',
    'TCP4 192.168.0.1 192.168.0.11 -1 443',
    'TCP6 1::2::3 ::1 1 2',
    'TCP6 1:2:3:4:5:6:7 ::1 1 2',
    'TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2',
    'TCP6 1:2:3:4:5:6:7::8 ::1 1 2',
    'TCP6 12345::1 ::1 1 2',
    'TCP6 ::g ::1 1 2',
    'TCP6 1.2.3.4 ::1 1 2',
    'TCP5 192.168.0.1 192.168.0.11 56324 443',
    'tcp4 192.168.0.1 192.168.0.11 56324 443',
    '',
    `TCP4 ${'1'.repeat(120)}`,
  ])('of version 1, %j, is malformed', (text) => {
    expect(parse(line(text)).kind).toBe('malformed');
  });

  it('is malformed in other ways', () => {
    const cases = [
      Buffer.from('{"id":1,"method":"mining.subscribe","params":[]}\n'),
      Buffer.from('PROXI'),
      Buffer.from('PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n'),
      Buffer.from(`PROXY ${'x'.repeat(200)}`),
      Buffer.concat([SIGNATURE.subarray(0, 11), Buffer.from([0])]),
      binary(0x11, 0x11, Buffer.alloc(12)),
      binary(0x22, 0x11, Buffer.alloc(12)),
      binary(0x21, 0x41, Buffer.alloc(216)),
      binary(0x21, 0x13, Buffer.alloc(216)),
      binary(0x21, 0x11, Buffer.alloc(11)),
      binary(0x21, 0x21, Buffer.alloc(35)),
      binary(0x21, 0x11, Buffer.alloc(12), MAX_PROXY_HEADER_BYTES),
      Buffer.alloc(1),
    ];
    for (const bytes of cases) expect(parse(bytes), bytes.toString('latin1')).toMatchObject({ kind: 'malformed' });
  });

  it('says the same wherever the stream is cut, and takes nothing of what follows it', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 60 }), ({ bytes, address }, rest) => {
        for (let cut = 0; cut < bytes.length; cut++) expect(parseProxyHeader(bytes, cut)).toEqual({ kind: 'more' });
        const whole = parse(Buffer.concat([bytes, rest]));
        expect(whole).toMatchObject({ kind: address === undefined ? 'local' : 'client', length: bytes.length });
        if (whole.kind !== 'client' || address === undefined) return;
        if (!address.includes(':') || isCompatible(address))
          expect(whole.address.includes(':')).toBe(address.includes(':'));
        else expect(whole.address).toBe(address);
        if (isIPv6(whole.address)) expect(canonical(whole.address)).toBe(address);
      }),
      { numRuns: 300 },
    );
  });

  it('is never asked for without end, nor does any stream make it fail', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([SIGNATURE, bytes])),
          fc.string({ maxLength: 150 }).map((text) => Buffer.from(`PROXY ${text}`)),
        ),
        (bytes) => {
          const { kind } = parse(bytes);
          expect(['more', 'malformed', 'local', 'client']).toContain(kind);
          if (kind === 'more') expect(bytes.length).toBeLessThan(MAX_PROXY_HEADER_BYTES);
        },
      ),
    );
    expect(parse(Buffer.alloc(MAX_PROXY_HEADER_BYTES, 'PROXY a b c d e f')).kind).toBe('malformed');
  });
});
