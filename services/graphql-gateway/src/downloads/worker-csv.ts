// The table of workers as CSV: filtered and sorted by the same parameters as the dashboard's addresses have. All of it, in pages as the list has.
import type { MachineRecord } from '../machines/machine-record.ts';
import type { Moment } from '../operation/moment.ts';
import { inOrder } from '../workers/list-order.ts';
import { contributionIn, type WorkerFacts, type WorkerStatus } from '../workers/worker-facts.ts';
import type { WorkerFilter } from '../workers/worker-filter.ts';
import { filterWorkers, workerFilter } from '../workers/worker-filter.ts';
import type { WorkerSort, WorkerSortField } from '../workers/worker-sort.ts';
import { invalidFraction } from '../queries/share-counts.ts';
import { MAX_NAMED_WORKERS } from '../history/worker-names.ts';
import { csvLine, csvTime } from './csv.ts';
import { CSV_TYPE, type Download, type DownloadRequest } from './download.ts';

const COLUMNS = [
  'worker',
  'tenant',
  'site',
  'status',
  'algorithm',
  'hash_rate_15m',
  'hash_rate_15m_low',
  'hash_rate_15m_high',
  'expected_hash_rate',
  'contribution_1h',
  'contribution_1h_low',
  'contribution_1h_high',
  'uptime_24h',
  'accepted_24h',
  'rejected_24h',
  'invalid_fraction_24h',
  'difficulty',
  'last_share_at',
  'connected_since',
  'first_seen',
  'user_agent',
  'rated_power_watts',
  'joules_per_hash_1h',
] as const;

const STATUSES: readonly WorkerStatus[] = ['ONLINE', 'SILENT', 'OFFLINE'];
const FIELDS: readonly WorkerSortField[] = [
  'NAME',
  'HASH_RATE',
  'UPTIME',
  'INVALID',
  'CONTRIBUTION',
  'LAST_SHARE',
  'DIFFICULTY',
];
const HOURS = 24;

/** All workers of the viewer's sight that the filter lets through, as they are when it begins. */
export async function workerCsv({ params, moment, ports, spend }: DownloadRequest): Promise<Download> {
  const status = params.oneOf('status', STATUSES);
  const filter: WorkerFilter = workerFilter({
    tenant: params.text('tenant') ?? null,
    site: params.text('site') ?? null,
    search: params.text('q') ?? null,
    status: status ? [status] : null,
    algorithm: params.algorithm() ?? null,
  });
  const sort: WorkerSort = {
    field: params.oneOf('sort', FIELDS) ?? 'NAME',
    direction: params.oneOf('dir', ['ASC', 'DESC']) ?? 'ASC',
  };
  const [{ workers, atUs }, history] = await Promise.all([moment.snapshot(), moment.sortHistory(sort.field)]);
  const found = filterWorkers(workers, filter);
  spend(found.length * COLUMNS.length);
  const sorted = await inOrder(found, sort, history);
  const date = new Date(atUs / 1000).toISOString().slice(0, 10);
  return {
    fileName: `assay-workers-${date}.csv`,
    contentType: CSV_TYPE,
    chunks: workerLines(sorted, moment, ports.record),
  };
}

async function* workerLines(
  workers: readonly WorkerFacts[],
  moment: Moment,
  record: MachineRecord,
): AsyncIterable<string> {
  yield csvLine(COLUMNS);
  // So many the store is asked about at once, as by the list.
  for (let from = 0; from < workers.length; from += MAX_NAMED_WORKERS) {
    const page = workers.slice(from, from + MAX_NAMED_WORKERS);
    yield (await Promise.all(page.map((facts) => workerLine(facts, moment, record)))).join('');
  }
}

async function workerLine(facts: WorkerFacts, moment: Moment, record: MachineRecord): Promise<string> {
  const [shares, uptime] = await Promise.all([moment.shareCounts(facts, HOURS), moment.uptime(facts, HOURS)]);
  const rate = facts.rates?.['15m'];
  const contribution = contributionIn(facts, '1h');
  return csvLine([
    facts.worker,
    facts.tenant,
    facts.site,
    facts.status,
    facts.algorithm,
    rate?.hashRateHs,
    rate?.lowHs,
    rate?.highHs,
    facts.expectedHashRateHs,
    contribution?.fraction,
    contribution?.low,
    contribution?.high,
    uptime,
    shares.accepted,
    shares.rejected,
    invalidFraction(shares),
    facts.difficulty,
    csvTime(facts.lastShareAtUs),
    csvTime(facts.connectedSinceUs),
    csvTime(facts.firstSeenUs),
    facts.userAgent,
    record.powerOf(facts, moment),
    record.efficiencyOf(facts, moment, '1h')?.joulesPerHash,
  ]);
}
