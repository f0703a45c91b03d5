// An event log whose appends can be held back, let go and made to fail, for what the gateway does while the log is away.
import { LogError, TOPIC, type Appended, type EventLog, type LogRecord } from '@assay/event-log';

export interface HeldLog extends EventLog {
  /** Appends of shares wait until `release`. */
  hold(): void;
  release(): void;
  /** Appends of shares fail until `release`. */
  fail(retriable: boolean): void;
  /** Appends of shares that wait now. */
  readonly waiting: number;
  readonly failures: number;
}

export function heldLog(log: EventLog): HeldLog {
  let mode: 'open' | 'held' | 'failing' = 'open';
  let retriable = true;
  let failures = 0;
  const resume: (() => void)[] = [];
  const append = async (topic: string, records: readonly LogRecord[], partition?: number): Promise<Appended> => {
    if (topic === TOPIC.sharesSubmitted) {
      if (mode === 'held') await new Promise<void>((resolve) => resume.push(resolve));
      if (mode === 'failing') {
        failures++;
        throw new LogError('unavailable', 'the log is away', { retriable });
      }
    }
    return log.append(topic, records, partition);
  };
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    partitions: (topic) => log.partitions(topic),
    bounds: (...args) => log.bounds(...args),
    append,
    join: (...args) => log.join(...args),
    readFrom: (...args) => log.readFrom(...args),
    lag: (...args) => log.lag(...args),
    close: () => log.close(),
    hold: () => void (mode = 'held'),
    fail: (again) => {
      mode = 'failing';
      retriable = again;
    },
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
  };
}
