// A certificate of our own, for farms that have none: a P-256 key that signs itself, in the one shape of RFC 5280 that every TLS library
// takes as its own authority. Miners are given the certificate, or its fingerprint, as what to trust. Why no library: docs/adr/0001.
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { bits, implicit, integer, octets, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

export interface CertifiedKey {
  readonly certificatePem: string;
  readonly keyPem: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
/** Bits 0 and 5: digitalSignature, keyCertSign. */
const SIGNS_AND_CERTIFIES = bits(Uint8Array.of(0b1000_0100), 2);
/** A clock of a machine that is somewhat slow must not find the certificate not valid yet. */
const EARLIER_MS = 24 * 3600 * 1000;
const SERIAL_BYTES = 16;

/** @param names host names and addresses under which miners reach the pool; at least one */
export function makeCertificate(names: readonly string[], nowMs: number, days: number): CertifiedKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKeyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8(names[0]!.slice(0, 64)))));
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certified = sequence(
    tagged(0, integer(Uint8Array.of(2))), // version 3
    integer(serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(nowMs - EARLIER_MS), time(nowMs + days * 24 * 3600 * 1000)),
    name,
    publicKeyInfo,
    tagged(
      3,
      sequence(
        extension(BASIC_CONSTRAINTS, true, sequence(truth())),
        extension(KEY_USAGE, true, SIGNS_AND_CERTIFIES),
        extension(EXTENDED_KEY_USAGE, false, sequence(oid(SERVER_AUTHENTICATION))),
        extension(SUBJECT_KEY_IDENTIFIER, false, octets(createHash('sha1').update(publicKeyInfo).digest())),
        extension(SUBJECT_ALTERNATIVE_NAME, false, sequence(...names.map(alternativeName))),
      ),
    ),
  );
  const signature = sign('sha256', certified, { key: privateKey, dsaEncoding: 'der' });
  const certificate = new X509Certificate(sequence(certified, ECDSA_WITH_SHA256, bits(signature)));
  return {
    certificatePem: certificate.toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return critical ? sequence(oid(id), truth(), octets(value)) : sequence(oid(id), octets(value));
}

function alternativeName(name: string): Buffer {
  return isIP(name) === 0 ? implicit(2, Buffer.from(name, 'latin1')) : implicit(7, addressBytes(name));
}

function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.').map(Number));
  const [head = '', tail] = address.replace(/%.*$/, '').split('::') as [string, string?];
  const groups = (text: string): number[] =>
    text === ''
      ? []
      : text.split(':').flatMap((group) => {
          if (!group.includes('.')) return [parseInt(group, 16)];
          const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
          return [a * 256 + b, c * 256 + d];
        });
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}
