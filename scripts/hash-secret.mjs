// npm run hash-secret [-- --own]: builds, then prints a worker's secret and its hash.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/stratum-gateway/dist/hash-secret.js'), process.argv.slice(2));
