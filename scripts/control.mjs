// npm run control -- route|refresh|...: builds, then tells the gateways.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/stratum-gateway/dist/control-main.js'), process.argv.slice(2));
