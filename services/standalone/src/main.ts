// npm start: the whole pool in one process. Ctrl-C or SIGTERM stops it cleanly; a second one stops it at once.
import 'reflect-metadata';
import { startStandalone } from './compose.ts';
import { explainFailure } from './explain-failure.ts';
import { welcome } from './welcome.ts';

const REPEATED_SIGNAL_MS = 1500;

function crashed(error: Error): never {
  process.stderr.write(`Assay stopped: ${explainFailure(error)}\n`);
  process.exit(1);
}

try {
  const pool = await startStandalone(process.env, process.argv.slice(2), crashed);
  process.stdout.write(welcome(pool));
  let stoppingSinceMs = 0;
  const stop = (): void => {
    // One Ctrl-C can arrive several times: from the terminal, from npm and from the start script.
    if (stoppingSinceMs !== 0 && performance.now() - stoppingSinceMs > REPEATED_SIGNAL_MS) process.exit(130);
    if (stoppingSinceMs !== 0) return;
    stoppingSinceMs = performance.now();
    process.stdout.write('\nStopping: finishing what is under way ...\n');
    void pool.stop().then(() => {
      process.stdout.write('Stopped.\n');
      process.exit(0);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
} catch (error) {
  crashed(error instanceof Error ? error : new Error(String(error)));
}
