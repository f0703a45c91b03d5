// npm run user -- list|create|...: builds, then changes users in the control log.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
become(join(root, 'services/graphql-gateway/dist/user-main.js'), process.argv.slice(2));
