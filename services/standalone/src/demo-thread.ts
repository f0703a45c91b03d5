// The simulated farm in a thread of its own: its hashing must not slow the pool it shows.
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@assay/kernel';
import { demoFarm, Farm, type PoolAddress } from '@assay/sim';

assert(parentPort, 'the demo thread needs a parent');
const { pool, seed } = workerData as { pool: PoolAddress; seed: number };
const farm = new Farm(demoFarm(seed), pool, seed);
parentPort.once('message', () => {
  farm.stop();
  parentPort?.close();
});
