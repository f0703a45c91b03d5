// The jars of the broker, fetched once by Maven into the cache. Invariant: the folder is there whole or not at all, however many runs fetch at once.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir } from '../cache-dir.ts';
import { requirePrograms } from '../programs.ts';

const POM = fileURLToPath(new URL('../../kafka/pom.xml', import.meta.url));
const FETCH_TIMEOUT_MS = 300_000;

/** The folder with the jars; some 6 s and 100 MB the first time. */
export async function kafkaJars(): Promise<string> {
  // Another pom is another folder, so a new version is fetched by itself.
  const name = `kafka-${createHash('sha256')
    .update(await readFile(POM))
    .digest('hex')
    .slice(0, 12)}`;
  const dir = join(cacheDir(), name);
  if (existsSync(dir)) return dir;
  requirePrograms('mvn');
  await mkdir(cacheDir(), { recursive: true });
  const fetched = await mkdtemp(`${dir}-`);
  try {
    await copyDependencies(fetched);
    await rename(fetched, dir).catch((error: unknown) => {
      // Somebody else was quicker.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(fetched, { recursive: true, force: true });
  }
  return dir;
}

async function copyDependencies(to: string): Promise<void> {
  const args = ['-q', '-B', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${to}`];
  try {
    await promisify(execFile)('mvn', args, { timeout: FETCH_TIMEOUT_MS });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`mvn could not fetch the jars of Kafka:\n${stdout}${stderr}`, { cause: error });
  }
}
