// The contract's consumer on a log directory: consumer-child <dir> <group> <topic>.
import { systemClock } from '@assay/kernel';
import { runConsumerProgram } from '@assay/event-log/testing';
import { openLmdbEventLog } from '../lmdb-event-log.ts';

const [dir, group, topic] = process.argv.slice(2) as [string, string, string];
const limits = { restartPauseMs: 20, groupPollMs: 20, heartbeatMs: 100, memberTimeoutMs: 1_500 };
await runConsumerProgram(await openLmdbEventLog({ dir, clock: systemClock, limits }), group, topic);
