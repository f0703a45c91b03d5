// npm run cluster [-- --demo]: Kafka, Redis, ClickHouse and every service as processes on this machine.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'infra/dist/cluster/main.js'), process.argv.slice(2));
