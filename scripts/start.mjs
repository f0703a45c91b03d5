// npm start [-- --demo]: the whole pool in one process.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/standalone/dist/main.js'), process.argv.slice(2));
