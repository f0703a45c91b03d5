// An event log whose appends can be held back, let go and made to fail, for what the gateway does while the log is away.
import { LogError, TOPIC, type Appended, type EventLog, type LogErrorCode, type LogRecord } from '@assay/event-log';

export interface HeldLog extends EventLog {
  /** Appends of shares wait until `release`. */
  hold(): void;
  release(): void;
  /** Appends of shares fail until `release`. */
  fail(retriable: boolean, code?: LogErrorCode): void;
  /** Everything fails, retriably, until `release`. */
  away(): void;
  /** Appends of shares happen, but say that they failed, until `release`. */
  lose(): void;
  /** Nobody learns how far a partition is filled. */
  hideBounds(): void;
  /** Appends of shares that wait now. */
  readonly waiting: number;
  readonly failures: number;
  /** Appends that happened. */
  readonly appends: number;
}

export function heldLog(log: EventLog): HeldLog {
  let mode: 'open' | 'held' | 'failing' | 'away' | 'losing' = 'open';
  let retriable = true;
  let code: LogErrorCode = 'unavailable';
  let failures = 0;
  let blind = false;
  let appends = 0;
  const resume: (() => void)[] = [];
  const fail = (): never => {
    failures++;
    throw new LogError(code, 'the log is away', { retriable });
  };
  const append = async (topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> => {
    if (mode === 'away') fail();
    if (topic === TOPIC.sharesSubmitted) {
      if (mode === 'held') await new Promise<void>((resolve) => resume.push(resolve));
      if (mode === 'failing') fail();
    }
    const appended = await log.append(topic, records, partition);
    appends++;
    if (topic === TOPIC.sharesSubmitted && mode === 'losing') fail();
    return appended;
  };
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    bounds: async (...args) => (blind ? fail() : log.bounds(...args)),
    partitions: async (topic) => (mode === 'away' ? fail() : log.partitions(topic)),
    append,
    join: (...args) => log.join(...args),
    readFrom: (...args) => log.readFrom(...args),
    lag: (...args) => log.lag(...args),
    close: () => log.close(),
    hold: () => void (mode = 'held'),
    fail: (again, as = 'unavailable') => {
      mode = 'failing';
      retriable = again;
      code = as;
    },
    away: () => void (mode = 'away'),
    lose: () => void (mode = 'losing'),
    hideBounds: () => void (blind = true),
    release: () => {
      mode = 'open';
      for (const resolve of resume.splice(0)) resolve();
    },
    get waiting() {
      return resume.length;
    },
    get failures() {
      return failures;
    },
    get appends() {
      return appends;
    },
  };
}
