// What is fetched or built once and kept in the cache. Invariant: a folder is there whole or not at all, however many runs fetch at once.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir } from './cache-dir.ts';

const FETCH_TIMEOUT_MS = 1_200_000;

/**
 * The folder of that name in the cache, filled by `fill` when it is not there yet. Its name has to carry everything its content
 * depends on: a new version is then fetched by itself.
 */
export async function fetchOnce(name: string, fill: (dir: string) => Promise<void>): Promise<string> {
  const dir = join(cacheDir(), name);
  if (existsSync(dir)) return dir;
  await mkdir(cacheDir(), { recursive: true });
  const filled = await mkdtemp(`${dir}-`);
  try {
    await fill(filled);
    await rename(filled, dir).catch((error: unknown) => {
      // Somebody else was quicker.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(filled, { recursive: true, force: true });
  }
  return dir;
}

/** Runs a program to its end and gives its output; its failure names it and says what it said. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { cwd, env = {} } = options;
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      timeout: FETCH_TIMEOUT_MS,
      maxBuffer: 1 << 28,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
