// npm run tenant-retention: builds, then counts or deletes what tenants no longer want kept.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/migrator/dist/tenant-retention-main.js'), process.argv.slice(2));
