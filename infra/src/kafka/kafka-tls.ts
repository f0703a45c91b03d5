// A certificate for brokers on loopback, made by openssl and worth nothing anywhere else.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requirePrograms } from '../programs.ts';

export interface KafkaTls {
  /** The certificate, PEM: what a client must trust. */
  readonly ca: string;
  /** Key and certificate in one file, as the broker wants them. */
  readonly keyAndCertFile: string;
}

export async function makeKafkaTls(dir: string): Promise<KafkaTls> {
  requirePrograms('openssl');
  const [keyFile, certFile] = [join(dir, 'tls.key'), join(dir, 'tls.crt')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certFile],
  ]);
  const [key, ca] = [await readFile(keyFile, 'utf8'), await readFile(certFile, 'utf8')];
  const keyAndCertFile = join(dir, 'tls.pem');
  await writeFile(keyAndCertFile, key + ca);
  return { ca, keyAndCertFile };
}
