// Worker events as rows of `events`, and what they say about workers as rows of `workers`.
import { parseUsername } from '@assay/tenancy';
import type { GatewayDisagreement, WorkerEvent } from '@assay/tenancy';
import type { ArrowRows, Columns } from './arrow-stream.ts';
import {
  arrowStream,
  constantColumn,
  float64Column,
  microsColumn,
  plainStringColumn,
  stringColumn,
  tupleColumn,
  uint32Column,
  uint64Column,
} from './arrow-stream.ts';
import type { Placed } from './json-batch.ts';

type Event = WorkerEvent | GatewayDisagreement;

type Merged = Partial<
  Record<'tenant' | 'worker' | 'connection' | 'algorithm' | 'remoteAddress' | 'userAgent' | 'reason', string>
> &
  Partial<Record<'difficulty' | 'expectedHashRateHs' | 'reportingIntervalSeconds' | 'accepted' | 'rejected', number>>;

export function eventRows(topic: string, partition: number, placed: readonly Placed<Event>[]): ArrowRows {
  const events = placed.map(({ item }): Merged & Event => item);
  const texts = (name: keyof Merged & string): Columns[string] =>
    stringColumn(events.map((event) => String(event[name] ?? '')));
  const numbers = (name: keyof Merged & string): number[] => events.map((event) => Number(event[name] ?? 0));
  return arrowStream({
    tenant: texts('tenant'),
    worker: texts('worker'),
    at: microsColumn(events.map((event) => event.atUs)),
    type: stringColumn(events.map((event) => event.type)),
    id: stringColumn(placed.map(({ id }) => id)),
    gateway: stringColumn(events.map((event) => event.gateway)),
    connection: texts('connection'),
    algorithm: texts('algorithm'),
    remote_address: texts('remoteAddress'),
    user_agent: texts('userAgent'),
    difficulty: float64Column(Float64Array.from(numbers('difficulty'))),
    expected_hash_rate: float64Column(Float64Array.from(numbers('expectedHashRateHs'))),
    reporting_interval: float64Column(Float64Array.from(numbers('reportingIntervalSeconds'))),
    reason: texts('reason'),
    accepted: uint64Column(numbers('accepted')),
    rejected: uint64Column(numbers('rejected')),
    log_topic: constantColumn(topic, placed.length),
    log_partition: uint32Column(new Uint32Array(placed.length).fill(partition)),
    log_offset: uint64Column(placed.map(({ offset }) => offset)),
  });
}

/** A sighting of a worker for each authorization and disconnect; undefined when there is none. */
export function workerRows(placed: readonly Placed<Event>[]): ArrowRows | undefined {
  const seen = placed.flatMap(({ item: event }) =>
    event.type === 'authorized' || event.type === 'disconnected' ? [event] : [],
  );
  if (seen.length === 0) return undefined;
  const at = (): Columns[string] => microsColumn(seen.map((event) => event.atUs));
  // A disconnect says nothing new about the worker: its facts have the time 0, which every authorization outranks.
  const facts = seen.map((event) => (event.type === 'authorized' ? event : undefined));
  const numbers = (pick: (event: NonNullable<(typeof facts)[number]>) => number | undefined): Columns[string] =>
    float64Column(Float64Array.from(facts, (event) => (event && pick(event)) ?? 0));
  return arrowStream({
    tenant: stringColumn(seen.map((event) => event.tenant)),
    worker: stringColumn(seen.map((event) => event.worker)),
    site: stringColumn(seen.map((event) => parseUsername(event.worker)?.site ?? '')),
    first_seen: at(),
    last_seen: at(),
    latest: tupleColumn({
      at: microsColumn(facts.map((event) => event?.atUs ?? 0)),
      algorithm: plainStringColumn(facts.map((event) => event?.algorithm ?? '')),
      user_agent: plainStringColumn(facts.map((event) => event?.userAgent ?? '')),
      remote_address: plainStringColumn(facts.map((event) => event?.remoteAddress ?? '')),
      gateway: plainStringColumn(facts.map((event) => event?.gateway ?? '')),
      difficulty: numbers((event) => event.difficulty),
      expected_hash_rate: numbers((event) => event.expectedHashRateHs),
      reporting_interval: numbers((event) => event.reportingIntervalSeconds),
    }),
  });
}
