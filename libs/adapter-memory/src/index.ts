export { MemoryEventLog, openMemoryEventLog } from './memory-event-log.ts';
export { MemoryLogDisk, type MemoryLogLimits, type MemoryLogOptions } from './memory-log-disk.ts';
export { systemTimer, type Timer } from './timer.ts';
export { MemoryLiveState, type MemoryLiveStateOptions } from './memory-live-state.ts';
