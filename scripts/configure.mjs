// npm run configure -- export|import|...: builds, then shows or changes what is configured.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/graphql-gateway/dist/configure-main.js'), process.argv.slice(2));
