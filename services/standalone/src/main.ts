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

let stoppingSinceMs: number | undefined;

function stop(): void {
  if (stoppingSinceMs !== undefined) {
    // One Ctrl-C can arrive several times: from the terminal, from npm and from the start script.
    if (performance.now() - stoppingSinceMs > REPEATED_SIGNAL_MS) process.exit(130);
    return;
  }
  stoppingSinceMs = performance.now();
  process.stdout.write('\nStopping: finishing what is under way ...\n');
  void starting.then((pool) => pool.stop()).then(stopped, stopped);
}

function stopped(): never {
  process.stdout.write('Stopped.\n');
  process.exit(0);
}

// From here on a signal waits for the start to come to its end, and stops what it started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
const starting = startStandalone(process.env, process.argv.slice(2), crashed);
starting.then(
  (pool) => {
    if (stoppingSinceMs === undefined) process.stdout.write(welcome(pool));
  },
  // A start that fails while it is being stopped fails because of that: the terminal's signal reached its parts as well.
  (error: unknown) => {
    if (stoppingSinceMs === undefined) crashed(error instanceof Error ? error : new Error(String(error)));
  },
);
