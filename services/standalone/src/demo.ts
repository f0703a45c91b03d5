// Starts and stops the thread of the simulated farm.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { PoolAddress } from '@assay/sim';

const DEMO_SEED = 1;

export async function startDemo(
  pool: PoolAddress,
  onCrash: (error: Error) => void,
): Promise<{ stop(): Promise<void> }> {
  const worker = new Worker(new URL('./demo-thread.js', import.meta.url), {
    workerData: { pool, seed: DEMO_SEED },
    name: 'demo-farm',
  });
  worker.on('error', (error) => onCrash(error instanceof Error ? error : new Error(String(error))));
  await once(worker, 'online');
  return {
    stop: async () => {
      const exited = once(worker, 'exit');
      worker.postMessage('stop');
      await exited;
    },
  };
}
