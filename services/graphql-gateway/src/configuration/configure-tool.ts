// The command line for the configuration: shows it, says who changed it, and takes it from a file.
import { parseArgs } from 'node:util';
import type { ControlLog } from '@assay/control-log';
import { isControlKind, MAX_CHANGES, type Actor, type ControlKind, type ObjectChange } from '@assay/tenancy';
import { changesOf, exportConfiguration, readConfiguration, type Seals } from './configuration-file.ts';

export const CONFIGURE_HELP = `Shows and changes what is configured: tenants, sites, groups, workers, ownership, alert rules and channels.

  npm run configure -- export                  everything, as a file for import (sessions left out), to standard output
  npm run configure -- import [--dry-run]      puts what the file on standard input has; what it does not name stays
  npm run configure -- list KIND               ids, versions and who changed each last
  npm run configure -- get KIND ID             one object
  npm run configure -- put KIND ID [--expect VERSION]   its content is read from standard input as JSON
  npm run configure -- remove KIND ID [--expect VERSION]
  npm run configure -- history KIND ID         who made it what it is, newest first

Kinds and their fields are in docs/control.md. Secrets of channels are written { "seal": "the secret" } and kept sealed.
The log is Kafka where ASSAY_KAFKA_BROKERS is set, else the one in ASSAY_DATA_DIR (./data), while the pool runs.
`;

/** Changes of one record: far below the bound in bytes for objects of usual size. */
const CHANGES_AT_ONCE = Math.min(200, MAX_CHANGES);
const HISTORY_ENTRIES = 50;

export class ConfigureUsageError extends Error {
  override readonly name = 'ConfigureUsageError';
}

export interface ConfigurePorts {
  readonly control: ControlLog;
  readonly by: Actor;
  readonly seals: Seals;
  readonly readInput: () => string;
  readonly say: (line: string) => void;
}

export type ConfigureCommand =
  | { readonly verb: 'export' }
  | { readonly verb: 'import'; readonly dryRun: boolean }
  | { readonly verb: 'list'; readonly kind: ControlKind }
  | { readonly verb: 'get' | 'history'; readonly kind: ControlKind; readonly id: string }
  | {
      readonly verb: 'put' | 'remove';
      readonly kind: ControlKind;
      readonly id: string;
      readonly expect: number | undefined;
    };

/** Undefined for help. Throws ConfigureUsageError. */
export function parseConfigure(args: readonly string[]): ConfigureCommand | undefined {
  const { values, positionals } = parsed(args);
  const [verb, kind, id, ...rest] = positionals;
  if (values.help === true || verb === undefined || verb === 'help') return undefined;
  if (rest.length > 0) throw new ConfigureUsageError(`${rest[0]} is one word too many`);
  const expect = values.expect === undefined ? undefined : Number(values.expect);
  if (expect !== undefined && !Number.isInteger(expect)) throw new ConfigureUsageError('VERSION is a whole number');
  switch (verb) {
    case 'export':
      return { verb };
    case 'import':
      return { verb, dryRun: values['dry-run'] ?? false };
    case 'list':
      return { verb, kind: kindOf(kind) };
    case 'get':
    case 'history':
      return { verb, kind: kindOf(kind), id: idOf(id) };
    case 'put':
    case 'remove':
      return { verb, kind: kindOf(kind), id: idOf(id), expect };
    default:
      throw new ConfigureUsageError(`there is no command ${verb}`);
  }
}

/** Throws an Error that says why something was not done. */
export async function runConfigure(command: ConfigureCommand, ports: ConfigurePorts): Promise<void> {
  const { control, seals, readInput, say } = ports;
  const { state } = control;
  switch (command.verb) {
    case 'export':
      return say(exportConfiguration(state).trimEnd());
    case 'import': {
      const changes = changesOf(readConfiguration(readInput()), state, seals);
      for (const { op, kind, id } of changes)
        say(`${command.dryRun ? 'would put' : op} ${kind} ${id}${state.get(kind as ControlKind, id) ? '' : ' (new)'}`);
      if (!command.dryRun) await change(changes, ports);
      return say(`${changes.length} objects ${command.dryRun ? 'would change' : 'changed'}.`);
    }
    case 'list':
      for (const { id, version, changedAtUs, changedBy } of state.all(command.kind))
        say(`${id}\tversion ${version}\t${timeText(changedAtUs)}\t${changedBy.kind} ${changedBy.id}`);
      return;
    case 'get': {
      const object = state.get(command.kind, command.id);
      if (object === undefined) throw new Error(`there is no ${command.kind} ${command.id}`);
      return say(JSON.stringify(object, undefined, 2));
    }
    case 'put': {
      const { kind, id, expect } = command;
      const [put] = changesOf([{ kind, id, body: JSON.parse(readInput()) as unknown }], state, seals);
      if (put === undefined) return say('It is so already.');
      return change([expect === undefined ? put : { ...put, expect }], ports);
    }
    case 'remove': {
      const { kind, id, expect } = command;
      return change([{ op: 'remove', kind, id, ...(expect !== undefined && { expect }) }], ports);
    }
    case 'history':
      for (const { atUs, by, note, body } of await control.history(command.kind, command.id, HISTORY_ENTRIES))
        say(
          `${timeText(atUs)}\t${by.kind} ${by.id}\t${note ?? ''}\t${body === undefined ? 'removed' : JSON.stringify(body)}`,
        );
  }
}

/** In as many records as it takes; each is made whole or not at all, and what was made before stays. */
async function change(changes: readonly ObjectChange[], { control, by }: ConfigurePorts): Promise<void> {
  for (let from = 0; from < changes.length; from += CHANGES_AT_ONCE) {
    const part = changes.slice(from, from + CHANGES_AT_ONCE);
    const outcome = await control.change(by, part);
    if (outcome.applied) continue;
    const { code, message, change: at = 0 } = outcome.refusal;
    const { kind, id } = part[at]!;
    throw new Error(
      `${kind} ${id}: ${message} (${code})${from > 0 ? `; the ${from} objects before it have changed` : ''}`,
    );
  }
}

function kindOf(kind: string | undefined): ControlKind {
  if (kind === undefined) throw new ConfigureUsageError('KIND is missing');
  if (!isControlKind(kind)) throw new ConfigureUsageError(`there are no objects of kind ${kind}`);
  return kind;
}

function idOf(id: string | undefined): string {
  if (id === undefined) throw new ConfigureUsageError('ID is missing');
  return id;
}

function timeText(atUs: number): string {
  return new Date(atUs / 1000).toISOString();
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, expect: { type: 'string' } },
    });
  } catch (error) {
    throw new ConfigureUsageError((error as Error).message);
  }
}
