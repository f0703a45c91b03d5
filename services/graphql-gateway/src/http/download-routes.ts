// Reports and tables as files: GET, for pages of this pool and for programs with a key, by the same door as GraphQL and with the same eyes. A file is sent
// piece by piece as it is made, and not faster than it is read.
// Bounded: MAX_AT_ONCE under way, further ones are answered 503; each costs what the viewer may ask for within a minute.
import express, { type Request, type Response, type Router } from 'express';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { ControlLog } from '@assay/control-log';
import type { Logger } from '@assay/platform';
import { DownloadParams, type Download, type DownloadRequest } from '../downloads/download.ts';
import { alertsCsv } from '../downloads/alert-csv.ts';
import { changesCsv } from '../downloads/change-csv.ts';
import * as entries from '../downloads/entry-tables.ts';
import { eventCsv } from '../downloads/event-csv.ts';
import { historyCsv } from '../downloads/history-csv.ts';
import { reportCsv } from '../downloads/report-csv.ts';
import { workerCsv } from '../downloads/worker-csv.ts';
import { ClientError, errorCode, formatClientError, type ErrorCode } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Admission } from '../operation/admission.ts';
import { Moment } from '../operation/moment.ts';
import type { ResolverPorts } from '../resolvers/ports.ts';
import { requireViewer, viewerOf } from './require-viewer.ts';
import { isSameOrigin } from './same-origin.ts';

/** Making a page of print keeps the process busy for some tens of milliseconds; reading history waits for the store like everything else. */
const MAX_AT_ONCE = 8;
/** Who reads so slowly that a file takes longer is cut off: it holds one of the places. */
const LONGEST_MS = 300_000;

export const DOWNLOADS: Readonly<Record<string, (request: DownloadRequest) => Promise<Download>>> = {
  // Read when the first is asked for: what makes PDFs is some hundred files, which every start would open, many at once.
  '/reports/account.pdf': async (request) => (await import('../downloads/report-pdf.ts')).reportPdf(request),
  '/reports/account.csv': reportCsv,
  '/exports/workers.csv': workerCsv,
  '/exports/events.csv': eventCsv,
  '/exports/history.csv': historyCsv,
  '/exports/alerts.csv': alertsCsv,
  '/exports/changes.csv': changesCsv,
  '/exports/tenants.csv': entries.tenantsCsv,
  '/exports/sites.csv': entries.sitesCsv,
  '/exports/groups.csv': entries.groupsCsv,
  '/exports/worker-entries.csv': entries.workerEntriesCsv,
  '/exports/ownerships.csv': entries.ownershipsCsv,
  '/exports/users.csv': entries.usersCsv,
  '/exports/service-keys.csv': entries.serviceKeysCsv,
  '/exports/rules.csv': entries.rulesCsv,
  '/exports/channels.csv': entries.channelsCsv,
  '/exports/webhooks.csv': entries.webhooksCsv,
  '/exports/maintenance-windows.csv': entries.windowsCsv,
};

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  RANGE_TOO_LARGE: 400,
  QUERY_TOO_COMPLEX: 400,
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  SECOND_FACTOR_REQUIRED: 403,
  COST_LIMIT: 429,
  INTERNAL_SERVER_ERROR: 500,
};

export interface DownloadPorts {
  readonly resolvers: ResolverPorts;
  readonly control: ControlLog;
  readonly admission: Admission;
  readonly identity: Identity;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

export function downloadRoutes(ports: DownloadPorts): Router {
  const { metrics, logger } = ports;
  const router = express.Router();
  let underWay = 0;
  for (const [path, make] of Object.entries(DOWNLOADS)) {
    router.get(path, noStore, ownPagesOnly, requireViewer(ports), (request, response) => {
      const end = metrics.download(path);
      const work = underWay >= MAX_AT_ONCE ? Promise.reject(busy()) : answer(request, response, make, ports);
      underWay++;
      work
        .then(
          () => end('ok'),
          (error: unknown) => end(refuse(response, error, logger)),
        )
        .finally(() => underWay--)
        .catch((error: unknown) => logger.error({ err: error }, 'a download ended with a fault of its own'));
    });
  }
  return router;
}

async function answer(
  request: Request,
  response: Response,
  make: (request: DownloadRequest) => Promise<Download>,
  { resolvers, control, admission }: DownloadPorts,
): Promise<void> {
  const viewer = viewerOf(request);
  if (viewer.owed !== undefined)
    throw new ClientError('SECOND_FACTOR_REQUIRED', 'Complete your login with the second factor first.');
  const gone = new AbortController();
  const late = setTimeout(() => gone.abort(), LONGEST_MS);
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  try {
    const { signal } = gone;
    const download = await make({
      params: new DownloadParams(new URL(request.originalUrl, 'http://any').searchParams),
      viewer,
      control,
      moment: new Moment(resolvers, viewer, { signal }),
      ports: resolvers,
      signal,
      spend: (cost) => void admission.spend(viewer, cost),
    });
    response.setHeader('Content-Type', download.contentType);
    response.setHeader('Content-Disposition', `attachment; filename="${download.fileName}"`);
    await pipeline(Readable.from(download.chunks), response, { signal });
  } finally {
    clearTimeout(late);
  }
}

/** Answers an error where that can still be done, or else cuts the file short, so that nobody takes a part of it for the whole. */
function refuse(response: Response, error: unknown, logger: Logger): ErrorCode {
  if (error instanceof Error && (error.name === 'AbortError' || response.destroyed)) {
    response.destroy();
    return 'CANCELLED';
  }
  const formatted = formatClientError(error instanceof ClientError ? error.toJSON() : { message: '' }, error, logger);
  const code = errorCode(formatted);
  if (response.headersSent) {
    response.destroy();
    return code;
  }
  const status = STATUS[code] ?? 503;
  if (status === 503 || status === 429) response.setHeader('Retry-After', '5');
  response.removeHeader('Content-Disposition');
  response.status(status).json({ errors: [formatted] });
  return code;
}

function busy(): ClientError {
  return new ClientError('OVERLOADED', 'Too many files are being made at once. Try again in some seconds.', {
    retriable: true,
  });
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

/** A page of another site could make the browser of who is logged in load the pool with work. */
function ownPagesOnly(request: Request, response: Response, next: () => void): void {
  if (isSameOrigin(request)) return next();
  const error = new ClientError('FORBIDDEN', 'This is for pages of this pool, and for programs with a key.');
  response.status(403).json({ errors: [error.toJSON()] });
}
