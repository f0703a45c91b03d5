// pyarrow for the third-party reader: fetched once with pip into the cache, beside the jars of Kafka. Nothing of the system is changed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '@assay/infra';

const PYARROW = '26.0.1';

/** The directory to put on PYTHONPATH, or why there is none. */
export function pyarrowDir(): { readonly dir: string } | { readonly missing: string } {
  const cache = cacheDir();
  const dir = join(cache, `pyarrow-${PYARROW}`);
  if (existsSync(dir)) return { dir };
  mkdirSync(cache, { recursive: true });
  const fresh = `${dir}.${process.pid}`;
  const options = ['--quiet', '--only-binary=:all:', '--no-compile', '--disable-pip-version-check', '--target', fresh];
  const pip = spawnSync('python3', ['-m', 'pip', 'install', ...options, `pyarrow==${PYARROW}`], { encoding: 'utf8' });
  if (pip.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    return { missing: `pip could not fetch pyarrow ${PYARROW}: ${pip.error?.message ?? pip.stderr.trim()}` };
  }
  // Another run may have been faster.
  if (!existsSync(dir)) renameSync(fresh, dir);
  return { dir };
}
