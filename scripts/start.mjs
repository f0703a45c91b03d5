// npm start [-- --demo]: the whole pool in one process.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
// One thread of V8's for all heaps instead of four, which have everybody's priority: on two cores they kept the gateway's thread waiting.
const nodeOptions = JSON.parse(readFileSync(join(root, 'services/standalone/node-options.json'), 'utf8'));
become(join(root, 'services/standalone/dist/main.js'), process.argv.slice(2), nodeOptions);
