// npm run k8s:check [-- DIR ...]: renders and checks the Kubernetes manifests, or those of the folders named. Needs Go, Python with pip and
// Maven on the PATH. Ends with one line that counts.
import { join } from 'node:path';
import { runSuites } from './suites.mjs';
import { become, ensureBuilt, ensureInstalled, root } from './workspace.mjs';

const folders = process.argv.slice(2);
ensureInstalled();
ensureBuilt();
if (folders.length === 0) runSuites([['Kubernetes', 'vitest.k8s.config.ts']]);
else become(join(root, 'infra/dist/manifests/main.js'), folders);
