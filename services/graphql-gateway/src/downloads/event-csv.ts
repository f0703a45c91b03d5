// Events as CSV, newest first, filtered by the same parameters as the dashboard's addresses have.
import { shownEvent } from '../access/visible-events.ts';
import { eventsPage, type EventType, type PoolEvent } from '../queries/events.ts';
import { ENUM_VALUES, EVERY_EVENT_TYPE } from '../resolvers/enums.ts';
import { csvLine, csvTime } from './csv.ts';
import { CSV_TYPE, type Download, type DownloadRequest } from './download.ts';

const COLUMNS = [
  'at',
  'type',
  'tenant',
  'worker',
  'gateway',
  'remote_address',
  'user_agent',
  'difficulty',
  'reason',
  'accepted',
  'rejected',
  'id',
] as const;

export const MAX_EVENTS = 100_000;
const DEFAULT_EVENTS = 10_000;
const PAGE = 1000;

export async function eventCsv(request: DownloadRequest): Promise<Download> {
  const { params, ports, spend } = request;
  const limit = params.whole('limit', 1, MAX_EVENTS, DEFAULT_EVENTS);
  const spelled = params.oneOf('type', Object.keys(ENUM_VALUES.EventType) as (keyof typeof ENUM_VALUES.EventType)[]);
  const type = spelled && ENUM_VALUES.EventType[spelled];
  spend(limit * COLUMNS.length);
  const first = await page(request, type, undefined, Math.min(PAGE, limit));
  const date = new Date(ports.clock.nowUs() / 1000).toISOString().slice(0, 10);
  const chunks = eventLines(first, limit, (after, size) => page(request, type, after, size));
  return { fileName: `assay-events-${date}.csv`, contentType: CSV_TYPE, chunks };
}

async function page(
  { params, moment, signal }: DownloadRequest,
  type: EventType | undefined,
  after: PoolEvent | undefined,
  limit: number,
): Promise<PoolEvent[]> {
  const { store, visibility } = moment;
  const types = type === undefined ? EVERY_EVENT_TYPE : [type];
  const query = { tenant: params.text('tenant'), worker: params.text('worker'), types, after, limit };
  return (await eventsPage(store, query, signal)).map((event) => shownEvent(event, visibility));
}

async function* eventLines(
  first: readonly PoolEvent[],
  limit: number,
  next: (after: PoolEvent, size: number) => Promise<readonly PoolEvent[]>,
): AsyncIterable<string> {
  yield csvLine(COLUMNS);
  let events = first;
  for (let sent = 0; events.length > 0;) {
    yield events.map(eventLine).join('');
    sent += events.length;
    if (events.length < PAGE || sent >= limit) return;
    events = await next(events.at(-1)!, Math.min(PAGE, limit - sent));
  }
}

function eventLine(event: PoolEvent): string {
  const { atUs, type, tenant, worker, gateway, remoteAddress, userAgent, difficulty, reason, accepted, rejected, id } =
    event;
  return csvLine([
    csvTime(atUs),
    type,
    tenant,
    worker,
    gateway,
    remoteAddress,
    userAgent,
    difficulty,
    reason,
    accepted,
    rejected,
    id,
  ]);
}
