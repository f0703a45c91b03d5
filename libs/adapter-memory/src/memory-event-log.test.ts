import { systemClock } from '@assay/kernel';
import { eventLogContract } from '@assay/event-log/contract';
import { MemoryEventLog } from './memory-event-log.ts';
import { MemoryLogDisk } from './memory-log-disk.ts';

eventLogContract(
  'memory',
  async () => {
    const disk = new MemoryLogDisk({ clock: systemClock, limits: { revokeGraceMs: 200, restartPauseMs: 20 } });
    let log = new MemoryEventLog(disk);
    return {
      log,
      reopen: async () => {
        await log.close();
        return (log = new MemoryEventLog(disk));
      },
      cleanup: () => log.close(),
    };
  },
  { retention: true },
);
