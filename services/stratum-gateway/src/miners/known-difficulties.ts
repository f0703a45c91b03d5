// The difficulty each worker had last, as the live state knows it, so that a machine that comes back, to this gateway or another, goes on
// where it was instead of searching its difficulty anew. Miners never wait for it: with the live state away, the gateway knows what it
// knew before, or nothing, and then a worker starts as one that is new.
import type { Clock } from '@assay/kernel';
import type { LiveState } from '@assay/live-state';
import type { Logger } from '@assay/platform';

/** A worker whose difficulty changed since is given one a minute old, and vardiff corrects that within some shares. */
const REFRESH_MS = 60_000;
/** While it could not be read even once, or the live state was away. */
const RETRY_MS = 5_000;
/** At a start, machines of a gateway that was just restarted are waiting: the first read may hold them up for so long. */
const FIRST_READ_MS = 1_000;

export interface KnownDifficulties {
  of(worker: string): number | undefined;
  stop(): void;
}

/** Reads now and then until stopped. Resolves after the first read, or without it when that takes long. */
export async function startKnownDifficulties(
  live: Pick<LiveState, 'workers'>,
  clock: Clock,
  logger: Logger,
): Promise<KnownDifficulties> {
  let known: ReadonlyMap<string, number> = new Map();
  let away = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const refresh = async (): Promise<void> => {
    try {
      const workers = await live.workers(clock.nowUs());
      // A live state that was lost is empty for a while: what was known is better than that.
      if (workers.length > 0) known = new Map(workers.map(({ worker, difficulty }) => [worker, difficulty]));
      if (away) logger.info({ workers: known.size }, 'the difficulties of workers can be read again');
      away = false;
    } catch (error) {
      if (!away) logger.warn({ err: error }, 'the difficulties of workers cannot be read: those known before are used');
      away = true;
    }
    if (!stopped) timer = setTimeout(() => void refresh(), away || known.size === 0 ? RETRY_MS : REFRESH_MS).unref();
  };

  await withinMs(FIRST_READ_MS, refresh());
  return {
    of: (worker) => known.get(worker),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function withinMs(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
