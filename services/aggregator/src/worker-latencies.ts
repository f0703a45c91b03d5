// What becomes of records of `worker.latencies`: rows of `latency_1m`, one for each worker of a record. They are no part of the live state.
import type { PartitionSession } from '@assay/event-log';
import { MICROS_PER_MINUTE } from '@assay/kernel';
import { MAX_TIMED_WORKERS, tenantOf, type TimedWorker, type WorkerLatencies } from '@assay/tenancy';
import { z } from 'zod';
import { arrowStream, float64Column, secondsColumn, stringColumn, uint32Column, uint64Column } from './arrow-stream.ts';
import type { ArrowRows } from './arrow-stream.ts';
import { fields, readJson, type Placed } from './json-batch.ts';
import { consumeJson, type JsonRecords } from './json-pipeline.ts';
import type { PipelinePorts } from './pipeline-ports.ts';

const { name, amount, count, timeUs } = fields;

const recordSchema: z.ZodType<WorkerLatencies> = z.object({
  gateway: name,
  atUs: timeUs,
  workers: z.array(z.tuple([name, count, amount, amount])).max(MAX_TIMED_WORKERS),
});

const RECORDS: JsonRecords<WorkerLatencies> = {
  read: (value) => readJson(recordSchema, 'record of latencies', 'bad_latencies', value),
  timeUs: ({ atUs }) => atUs,
  rows: (_topic, partition, placed) => ({ latency_1m: latencyRows(partition, placed) }),
};

export function consumeLatencies(session: PartitionSession, ports: PipelinePorts): Promise<void> {
  return consumeJson(session, RECORDS, ports);
}

/** Undefined when there is no worker in them. */
function latencyRows(partition: number, placed: readonly Placed<WorkerLatencies>[]): ArrowRows | undefined {
  const timed: TimedWorker[] = [];
  const minutes: number[] = [];
  for (const { item } of placed)
    for (const worker of item.workers) {
      timed.push(worker);
      minutes.push(item.atUs - (item.atUs % MICROS_PER_MINUTE));
    }
  if (timed.length === 0) return undefined;
  return arrowStream({
    tenant: stringColumn(timed.map(([worker]) => tenantOf(worker))),
    worker: stringColumn(timed.map(([worker]) => worker)),
    at: secondsColumn(Float64Array.from(minutes)),
    log_partition: uint32Column(new Uint32Array(timed.length).fill(partition)),
    answers: uint64Column(timed.map(([, answers]) => answers)),
    total_ms: float64Column(Float64Array.from(timed, ([, , totalUs]) => totalUs / 1000)),
    slowest_ms: float64Column(Float64Array.from(timed, ([, , , slowestUs]) => slowestUs / 1000)),
  });
}
