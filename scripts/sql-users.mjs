// npm run sql-users: builds, then prints or makes the users of a ClickHouse server for direct SQL.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/migrator/dist/sql-users-main.js'), process.argv.slice(2));
