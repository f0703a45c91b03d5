// npm run test:cluster [-- a file's name]: the suites that need real servers (Java 17, Maven, openssl, redis-server and kcat on the PATH).
// Ends with one line that counts them.
import { runSuites } from './suites.mjs';
import { ensureBuilt, ensureInstalled } from './workspace.mjs';

ensureInstalled();
ensureBuilt();
runSuites([['cluster', 'vitest.cluster.config.ts']], process.argv.slice(2));
