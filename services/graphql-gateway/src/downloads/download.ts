// What somebody can download, and what every download is asked with. One is made up piece by piece while it is sent: none is held whole in memory.
import type { Algorithm } from '@assay/mining';
import type { ControlLog } from '@assay/control-log';
import { ClientError } from '../errors.ts';
import type { Viewer } from '../operation/viewer.ts';
import type { Moment } from '../operation/moment.ts';
import type { ResolverPorts } from '../resolvers/ports.ts';

export interface Download {
  /** As it is saved: letters, digits, points and dashes. */
  readonly fileName: string;
  readonly contentType: string;
  readonly chunks: AsyncIterable<string | Uint8Array>;
}

export interface DownloadRequest {
  readonly params: DownloadParams;
  readonly viewer: Viewer;
  readonly control: ControlLog;
  readonly moment: Moment;
  readonly ports: ResolverPorts;
  readonly signal: AbortSignal;
  /** Takes what the download costs from what the viewer may ask for, in values as GraphQL counts them. Throws ClientError COST_LIMIT. */
  readonly spend: (cost: number) => void;
}

export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';

/** Longest value of a parameter; names are shorter. */
const MAX_LENGTH = 200;

/** Parameters of an address, each at most once. An empty one is as good as none. */
export class DownloadParams {
  readonly #values: ReadonlyMap<string, string>;

  /** Throws ClientError BAD_USER_INPUT for a parameter that is given twice or is too long. */
  constructor(search: URLSearchParams) {
    const values = new Map<string, string>();
    for (const [name, value] of search) {
      if (values.has(name)) throw bad(`\`${name}\` is given more than once.`);
      if (value.length > MAX_LENGTH) throw bad(`\`${name}\` is longer than ${MAX_LENGTH} characters.`);
      if (value !== '') values.set(name, value);
    }
    this.#values = values;
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw bad(`\`${name}\` is missing.`);
    return value;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw bad(`\`${name}\` is one of ${choices.join(', ')}.`);
    return choice;
  }

  whole(name: string, least: number, most: number, fallback: number): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!Number.isInteger(number) || number < least || number > most)
      throw bad(`\`${name}\` must be between ${least} and ${most}.`);
    return number;
  }

  /** Microseconds since 1970 of a moment in ISO 8601. */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const atMs = Date.parse(value);
    if (Number.isNaN(atMs)) throw bad(`\`${name}\` is a moment such as 2026-05-01T08:00:00Z.`);
    return atMs * 1000;
  }

  /** As in the addresses of the dashboard, and as GraphQL's enum spells it. */
  algorithm(): Algorithm | undefined {
    const spelled = this.oneOf('algorithm', ['SHA256D', 'SCRYPT']);
    return spelled && (spelled.toLowerCase() as Algorithm);
  }
}

export function bad(message: string): ClientError {
  return new ClientError('BAD_USER_INPUT', message);
}

/** Text that may stand in a file's name. */
export function namePart(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9.-]+/g, '-').replaceAll(/^[.-]+|[.-]+$/g, '') || 'unnamed';
}
