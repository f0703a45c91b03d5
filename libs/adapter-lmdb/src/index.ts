export { DEFAULT_LIMITS, type LmdbLogLimits } from './limits.ts';
export { openLmdbEventLog, type LmdbEventLog, type LmdbEventLogOptions, type LmdbLogStats } from './lmdb-event-log.ts';
export { openLmdbSpool, type LmdbSpool, type LmdbSpoolOptions } from './lmdb-spool.ts';
