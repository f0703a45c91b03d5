export * from './assign-partitions.ts';
export * from './check-append.ts';
export * from './dead-letter.ts';
export * from './event-log.ts';
export * from './handler-progress.ts';
export * from './partition-of-key.ts';
export * from './run-handler.ts';
export * from './topics.ts';
