// Structured logs: one JSON object a line, with the service's name.
import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** A logger that writes JSON lines to standard error, so that standard output stays for what a person or a pipe reads. */
export function createLogger(service: string, level: LogLevel): Logger {
  return pino(
    { level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Drops everything; for tests. */
export const silentLogger: Logger = pino({ level: 'silent' });
