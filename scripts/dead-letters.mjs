// npm run dead-letters -- list|show|replay ...: builds, then runs the operators' tool of services/dead-letters.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/dead-letters/dist/main.js'), process.argv.slice(2));
