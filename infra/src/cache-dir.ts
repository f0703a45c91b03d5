// Where fetched things are kept: below XDG_CACHE_HOME when that is set, else in infra/.cache, which git ignores.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function cacheDir(): string {
  const shared = process.env['XDG_CACHE_HOME'];
  return shared === undefined || shared === ''
    ? fileURLToPath(new URL('../.cache', import.meta.url))
    : join(shared, 'assay');
}
