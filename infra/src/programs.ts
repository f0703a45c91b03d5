// The programs of the system that the tools here stand on, and what to say when one is missing.
import { spawnSync } from 'node:child_process';

const PROGRAMS = {
  java: { version: ['-version'], why: 'Kafka runs on Java 17 or newer' },
  mvn: { version: ['-version'], why: 'the jars of Kafka are fetched with Maven' },
  'redis-server': { version: ['--version'], why: 'the live state of the cluster setting is in Redis' },
  go: {
    version: ['version'],
    why: 'kustomize and the generator of custom resource schemas are built with Go 1.26 or newer',
  },
  python3: {
    version: ['-m', 'pip', '--version'],
    why: 'the Kubernetes schemas are in Python packages, which pip fetches',
  },
  kcat: { version: ['-V'], why: 'it reads Kafka as somebody else would (Debian: the package `kcat`)' },
  litecoind: {
    version: ['--version'],
    why: 'work from a node is proved on a real one (Debian: the package `litecoind`)',
  },
  openssl: { version: ['version'], why: "the certificate of the test broker's TLS listener is made with it" },
} as const;

export type Program = keyof typeof PROGRAMS;

/** Throws one error that names every program that is missing and what it is for. */
export function requirePrograms(...names: readonly Program[]): void {
  const missing = names.filter((name) => spawnSync(name, PROGRAMS[name].version, { stdio: 'ignore' }).error);
  if (missing.length === 0) return;
  const reasons = missing.map((name) => `${name} (${PROGRAMS[name].why})`);
  throw new Error(`this needs programs that are not on the PATH: ${reasons.join(', ')}`);
}
