// npm run bench|chaos|sim|spool|fuzz|dialects -- [options]: builds, then runs the tool of that name from e2e.
import { join } from 'node:path';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

const [tool, ...args] = process.argv.slice(2);
ensureInstalled();
ensureBuilt();
become(join(root, 'e2e/dist', tool, 'main.js'), args);
