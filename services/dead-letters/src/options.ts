// The command line of the dead-letter tool.
import { parseArgs } from 'node:util';
import { isOrigin } from './journal.ts';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly reason: string | undefined; readonly limit: number }
  | { readonly kind: 'show'; readonly origin: string; readonly rows: number; readonly bytes: number }
  | { readonly kind: 'skip'; readonly origin: string; readonly dryRun: boolean }
  | {
      readonly kind: 'replay';
      readonly origin: string | undefined;
      readonly reason: string | undefined;
      readonly dryRun: boolean;
      readonly again: boolean;
    };

export const HELP = `Shows the records that could not be read, and puts them back once they can be. See docs/dead-letters.md.

  npm run dead-letters -- list [--reason R] [--limit N]       what was set aside, the last N (50)
  npm run dead-letters -- show ORIGIN [--rows N] [--bytes N]  one letter: headers, and its shares (20), or its bytes (512)
  npm run dead-letters -- replay ORIGIN [--dry-run] [--again]
  npm run dead-letters -- replay --reason R [--dry-run] [--again]
                                                              puts records back where they came from
  npm run dead-letters -- skip ORIGIN [--dry-run]             takes a group past records that the disk spoilt

ORIGIN is topic:partition:offset, as list shows it. What was replayed is not replayed again unless --again says so.
The log is Kafka where ASSAY_KAFKA_BROKERS is set, else the one in ASSAY_DATA_DIR (./data), also while the pool runs.
`;

/** Throws UsageError. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === 'help') return { kind: 'help' };
  switch (command) {
    case 'list':
      only(values, ['reason', 'limit'], rest, 0);
      return { kind: 'list', reason: values.reason, limit: whole('limit', values.limit, 50) };
    case 'show':
      only(values, ['rows', 'bytes'], rest, 1);
      return {
        kind: 'show',
        origin: origin(rest[0]),
        rows: whole('rows', values.rows, 20),
        bytes: whole('bytes', values.bytes, 512),
      };
    case 'skip':
      only(values, ['dry-run'], rest, 1);
      return { kind: 'skip', origin: origin(rest[0]), dryRun: values['dry-run'] ?? false };
    case 'replay': {
      only(values, ['reason', 'dry-run', 'again'], rest, 1);
      const { reason, 'dry-run': dryRun = false, again = false } = values;
      if ((reason === undefined) === (rest[0] === undefined))
        throw new UsageError('replay takes either one ORIGIN or --reason.');
      return { kind: 'replay', origin: rest[0] === undefined ? undefined : origin(rest[0]), reason, dryRun, again };
    }
    default:
      throw new UsageError(`there is no command ${JSON.stringify(command)}.`);
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        reason: { type: 'string' },
        limit: { type: 'string' },
        rows: { type: 'string' },
        bytes: { type: 'string' },
        'dry-run': { type: 'boolean' },
        again: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function only(values: object, allowed: readonly string[], rest: readonly string[], most: number): void {
  const stranger = Object.keys(values).find((name) => !allowed.includes(name));
  if (stranger !== undefined) throw new UsageError(`--${stranger} does not belong here.`);
  if (rest.length > most) throw new UsageError(`${JSON.stringify(rest[most])} is one argument too many.`);
}

function whole(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^\d{1,7}$/.test(text)) throw new UsageError(`--${name} takes a whole number.`);
  return Number(text);
}

function origin(text: string | undefined): string {
  if (text === undefined || !isOrigin(text))
    throw new UsageError(`${JSON.stringify(text ?? '')} is no ORIGIN: it must be topic:partition:offset.`);
  return text;
}
