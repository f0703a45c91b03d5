// The simulated upstream pool in a process of its own, so that proving shares again costs neither the gateway nor the machines anything.
import { CountingPool } from '@assay/sim';
import { serveParent } from './serve-parent.ts';

const pool = new CountingPool({ difficulty: Number(process.env['ASSAY_BENCH_DIFFICULTY']) });
await pool.start();

serveParent(
  {
    port: () => pool.port,
    credited: () => pool.credited.size,
    faults: () => pool.faults,
    /** A new job for everybody. Answers with when, as process.hrtime tells it. */
    newJob: () => {
      const triggered = process.hrtime.bigint();
      pool.newJob(false);
      return triggered;
    },
  },
  () => pool.stop(),
);
