// The certificate the TLS port shows: read at the start, where what is wrong stops the start, and again whenever the files change. Files are
// looked at every few seconds rather than watched, as orchestrators swap them by symbolic links, of which watching tells nothing reliably.
// Invariant: what is shown is always complete and fits together; files that do not keep the certificate before them, and it is said.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Clock } from '@assay/kernel';
import { SettingsError, type Logger } from '@assay/platform';
import { makeCertificate } from './own-certificate.ts';

export interface CertificateSettings {
  readonly stratumTls: 'files' | 'self-signed';
  readonly stratumTlsCertFile: string;
  readonly stratumTlsKeyFile: string;
  readonly stratumTlsDir: string;
  readonly stratumTlsNames: readonly string[];
  readonly stratumTlsClients: 'off' | 'optional' | 'required';
  readonly stratumTlsClientCaFile: string;
}

interface Paths {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string | undefined;
}

const DEFAULT_DIR = './data/tls';
const OWN_DAYS = 3650;
/** One of our own that ends sooner is made anew at the start. */
const OWN_LEAST_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;
const LOOK_MS = 2000;

/** Whether there is a TLS port at all. */
export function speaksTls({ stratumTls, stratumTlsCertFile }: CertificateSettings): boolean {
  return stratumTls === 'self-signed' || stratumTlsCertFile !== '';
}

export class CertificateFiles {
  readonly #paths: Paths;
  readonly #logger: Logger;
  readonly #onChange: (options: SecureContextOptions) => void;
  #options: SecureContextOptions;
  #certificate: X509Certificate;
  #seen: string;
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Throws SettingsError that says what cannot be used. @param onChange takes what to show from now on */
  constructor(
    settings: CertificateSettings,
    clock: Clock,
    logger: Logger,
    onChange: (options: SecureContextOptions) => void,
  ) {
    this.#logger = logger;
    this.#onChange = onChange;
    this.#paths = pathsOf(settings);
    if (settings.stratumTls === 'self-signed') keepOwnCertificate(this.#paths, settings.stratumTlsNames, clock, logger);
    this.#seen = stateOf(this.#paths);
    try {
      [this.#options, this.#certificate] = read(this.#paths);
    } catch (error) {
      throw new SettingsError(`The certificate of the TLS port cannot be used: ${(error as Error).message}.`);
    }
    logger.info(this.#shown(), 'certificate of the TLS port');
  }

  get options(): SecureContextOptions {
    return this.#options;
  }

  /** When the certificate that is shown ends, Unix time in seconds. */
  get expiresSeconds(): number {
    return Date.parse(this.#certificate.validTo) / 1000;
  }

  /** Why newer files are not used; undefined when what is shown is what the files hold. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Takes the files if they changed since. */
  look(): void {
    const state = stateOf(this.#paths);
    if (state === this.#seen) return;
    try {
      [this.#options, this.#certificate] = read(this.#paths);
      this.#onChange(this.#options);
      this.#seen = state;
      this.#trouble = undefined;
      this.#logger.warn(this.#shown(), 'the TLS port shows the new certificate');
    } catch (error) {
      // Tried again at the next look, as the other file may be on its way; said once.
      const { message } = error as Error;
      const trouble = `the new certificate cannot be used, the one before is shown until ${this.#certificate.validTo}: ${message}`;
      if (trouble !== this.#trouble)
        this.#logger.error({ err: error }, 'the new certificate of the TLS port cannot be used');
      this.#trouble = trouble;
    }
  }

  #shown(): object {
    const { subject, fingerprint256, validTo } = this.#certificate;
    return { subject, sha256: fingerprint256, validTo };
  }
}

function pathsOf(settings: CertificateSettings): Paths {
  const { stratumTls, stratumTlsCertFile, stratumTlsKeyFile, stratumTlsClients, stratumTlsClientCaFile } = settings;
  if (stratumTlsClients !== 'off' && stratumTlsClientCaFile === '')
    throw new SettingsError(`ASSAY_STRATUM_TLS_CLIENTS=${stratumTlsClients} needs ASSAY_STRATUM_TLS_CLIENT_CA_FILE.`);
  const clientAuthority = stratumTlsClients === 'off' ? undefined : stratumTlsClientCaFile;
  if (stratumTls === 'self-signed') {
    if (stratumTlsCertFile !== '')
      throw new SettingsError(
        'ASSAY_STRATUM_TLS=self-signed and ASSAY_STRATUM_TLS_CERT_FILE are both set: choose one.',
      );
    const dir = settings.stratumTlsDir || DEFAULT_DIR;
    return { certificate: join(dir, 'stratum.crt'), key: join(dir, 'stratum.key'), clientAuthority };
  }
  if (stratumTlsCertFile === '')
    throw new SettingsError(
      'A port of ASSAY_JOBS_FILE speaks TLS and there is no certificate: set ASSAY_STRATUM_TLS_CERT_FILE, or ASSAY_STRATUM_TLS=self-signed.',
    );
  if (stratumTlsKeyFile === '')
    throw new SettingsError('ASSAY_STRATUM_TLS_CERT_FILE needs ASSAY_STRATUM_TLS_KEY_FILE, its private key.');
  return { certificate: stratumTlsCertFile, key: stratumTlsKeyFile, clientAuthority };
}

/** Throws when the files are not there, are no certificate, or do not belong together. */
function read({ certificate, key, clientAuthority }: Paths): [SecureContextOptions, X509Certificate] {
  const cert = readFileSync(certificate);
  const privateKey = readFileSync(key);
  const parsed = new X509Certificate(cert);
  if (!parsed.checkPrivateKey(createPrivateKey(privateKey)))
    throw new Error(`${key} is not the private key of ${certificate}`);
  const options: SecureContextOptions = {
    cert,
    key: privateKey,
    minVersion: 'TLSv1.2',
    ...(clientAuthority === undefined ? {} : { ca: readFileSync(clientAuthority) }),
  };
  createSecureContext(options);
  return [options, parsed];
}

/** Changes with whatever is written to, or swapped for, one of the files. */
function stateOf({ certificate, key, clientAuthority }: Paths): string {
  return [certificate, key, ...(clientAuthority === undefined ? [] : [clientAuthority])]
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    })
    .join('; ');
}

/** Makes a certificate where there is none, or one that soon ends. */
function keepOwnCertificate({ certificate, key }: Paths, names: readonly string[], clock: Clock, logger: Logger): void {
  const nowMs = clock.nowUs() / 1000;
  const kept = statSync(certificate, { throwIfNoEntry: false });
  if (kept !== undefined) {
    try {
      if (Date.parse(new X509Certificate(readFileSync(certificate)).validTo) - nowMs > OWN_LEAST_DAYS * DAY_MS) return;
    } catch (error) {
      throw new SettingsError(`${certificate} is no certificate; remove it to have a new one made: ${String(error)}.`);
    }
  }
  const made = makeCertificate(names.length > 0 ? names : machineNames(), nowMs, OWN_DAYS);
  mkdirSync(join(certificate, '..'), { recursive: true, mode: 0o700 });
  writeFileSync(key, made.keyPem, { mode: 0o600 });
  writeFileSync(certificate, made.certificatePem);
  logger.warn({ file: certificate }, 'a certificate of our own was made for the TLS port');
}

function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return [...new Set([hostname(), 'localhost', ...addresses.map(({ address }) => address.replace(/%.*$/, ''))])];
}
