// npm test: every suite that needs nothing but Node, from a fresh clone. Ends with one line that counts them all.
import { runSuites } from './suites.mjs';
import { ensureBuilt, ensureInstalled } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
runSuites([
  ['unit', 'vitest.config.ts'],
  ['e2e', 'vitest.e2e.config.ts'],
]);
