import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { integer, oid, time } from './der.ts';
import { makeCertificate } from './own-certificate.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12, 0, 0);

describe('a certificate of our own', () => {
  it('is one that signs itself, for these names, for so long', () => {
    const { certificatePem, keyPem } = makeCertificate(['pool.example', '192.0.2.7', '2001:db8::7'], NOW_MS, 3650);
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect([certificate.ca, certificate.subject, certificate.issuer]).toEqual([
      true,
      'CN=pool.example',
      'CN=pool.example',
    ]);
    expect(certificate.checkHost('pool.example')).toBe('pool.example');
    expect([certificate.checkIP('192.0.2.7'), certificate.checkIP('2001:db8::7')]).toEqual([
      '192.0.2.7',
      '2001:db8::7',
    ]);
    expect([certificate.checkHost('other.example'), certificate.checkIP('192.0.2.8')]).toEqual([undefined, undefined]);
    expect(Date.parse(certificate.validTo)).toBe(NOW_MS + 3650 * 24 * 3600 * 1000);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW_MS);
  });

  it('is another every time, with a positive serial number', () => {
    const serials = Array.from(
      { length: 20 },
      () => new X509Certificate(makeCertificate(['a'], NOW_MS, 1).certificatePem).serialNumber,
    );
    expect(new Set(serials).size).toBe(20);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('may outlive 2049', () => {
    const { validTo } = new X509Certificate(makeCertificate(['a'], Date.UTC(2049, 11, 1), 365).certificatePem);
    expect(new Date(validTo).getUTCFullYear()).toBe(2050);
  });
});

// X.690 8.19.5 (2.999.3 as its own example), 8.3 and RFC 5280 4.1.2.5.
describe('DER', () => {
  it('is written as the standards have it', () => {
    expect(oid('2.999.3').toString('hex')).toBe('0603883703');
    expect(oid('1.2.840.113549').toString('hex')).toBe('06062a864886f70d');
    expect(integer(Uint8Array.of(0, 0, 0x80)).toString('hex')).toBe('02020080');
    expect(integer(Uint8Array.of(0, 0x7f)).toString('hex')).toBe('02017f');
    expect(integer(Uint8Array.of(0)).toString('hex')).toBe('020100');
    expect(
      time(Date.UTC(2049, 11, 31, 23, 59, 59))
        .subarray(2)
        .toString(),
    ).toBe('491231235959Z');
    expect(
      time(Date.UTC(2050, 0, 1))
        .subarray(2)
        .toString(),
    ).toBe('20500101000000Z');
  });
});
