// The command line for what gateways do at an operator's word: parses it into a control command, which all gateways of the log then act on.
import { parseArgs } from 'node:util';
import { controlCommand, type ControlCommand } from './control-command.ts';

export const CONTROL_HELP = `Tells all gateways of a pool what to do. They act within a second; see docs/jobs.md.

  npm run control -- route WORKER SOURCE            machines whose name begins with WORKER (a tenant, a site) work for SOURCE
  npm run control -- route --port NAME SOURCE       machines of a port that no such route names
  npm run control -- route WORKER --reset           as the jobs file says again (also with --port)
  npm run control -- refresh [SOURCE] [--new-block] a new job now
  npm run control -- reconnect (WORKER | --all) [--host H] [--to-port N] [--wait SECONDS]
  npm run control -- message (WORKER | --all) TEXT  shows a text on machines that can
  npm run control -- versions (WORKER | --all)      asks machines what they run

A route holds until it is changed, also for gateways that start later.
The log is Kafka where ASSAY_KAFKA_BROKERS is set, else the one in ASSAY_DATA_DIR (./data), while the pool runs.
`;

/** Throws UsageError. */
export class ControlUsageError extends Error {
  override readonly name = 'ControlUsageError';
}

/** Undefined for help. Throws ControlUsageError. */
export function parseControl(args: readonly string[]): ControlCommand | undefined {
  const { values, positionals } = parsed(args);
  const [verb, ...rest] = positionals;
  if (values.help === true || verb === undefined || verb === 'help') return undefined;
  const { all = false, port, reset = false } = values;
  const target = (): { worker: string } | { all: true } =>
    all ? { all: true } : { worker: take(rest, 'WORKER or --all') };
  const command = ((): unknown => {
    switch (verb) {
      case 'route': {
        const who = port === undefined ? { worker: take(rest, 'WORKER or --port') } : { port };
        return { type: 'route', ...who, source: reset ? null : take(rest, 'SOURCE or --reset') };
      }
      case 'refresh':
        return {
          type: 'job_refresh',
          newBlock: values['new-block'] ?? false,
          ...(rest.length > 0 && { source: rest.shift() }),
        };
      case 'reconnect': {
        const { host, wait, 'to-port': toPort } = values;
        return {
          type: 'reconnect',
          ...target(),
          ...(host !== undefined && { host }),
          ...(toPort !== undefined && { port: Number(toPort) }),
          ...(wait !== undefined && { waitSeconds: Number(wait) }),
        };
      }
      case 'message':
        return { type: 'show_message', ...target(), text: take(rest, 'TEXT') };
      case 'versions':
        return { type: 'get_version', ...target() };
      default:
        throw new ControlUsageError(`there is no command ${JSON.stringify(verb)}.`);
    }
  })();
  if (rest.length > 0) throw new ControlUsageError(`${JSON.stringify(rest[0])} is one argument too many.`);
  const checked = controlCommand.safeParse(command);
  if (checked.success) return checked.data;
  throw new ControlUsageError(
    checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}

function take(rest: string[], what: string): string {
  const next = rest.shift();
  if (next === undefined) throw new ControlUsageError(`${what} is missing.`);
  return next;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        all: { type: 'boolean' },
        reset: { type: 'boolean' },
        'new-block': { type: 'boolean' },
        port: { type: 'string' },
        host: { type: 'string' },
        'to-port': { type: 'string' },
        wait: { type: 'string' },
      },
    });
  } catch (error) {
    throw new ControlUsageError((error as Error).message);
  }
}
