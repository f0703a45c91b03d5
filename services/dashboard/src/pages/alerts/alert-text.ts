// Alerts in words, and sorted as people read them: what is open first, and what one cause explains together. Pure.
import type { ShownAlert, ToldMessage } from './alert-documents.ts';

export const KIND_WORDS: Record<ShownAlert['kind'], string> = {
  OFFLINE: 'Offline',
  NO_SHARES: 'Connected, no shares',
  RATE_BELOW_EXPECTED: 'Rate below expectation',
  RATE_THRESHOLD: 'Rate below threshold',
  INVALID_UP: 'More invalid shares',
  STALE_UP: 'More stale shares',
  LATENCY_UP: 'Slow answers',
  FLAPPING: 'Reconnects again and again',
  UPSTREAM_DOWN: 'Upstream down',
  INTEGRITY: 'Gateway and validator disagree',
  PLACE_DOWN: 'Place down',
  GATEWAYS_SILENT: 'Gateways silent',
};

export const SEVERITY_WORDS: Record<ShownAlert['severity'], string> = {
  CRITICAL: 'Critical',
  WARNING: 'Warning',
  INFO: 'Info',
};

const DIMENSION_WORDS: Record<NonNullable<ShownAlert['group']>['dimension'], string> = {
  RACK: 'Rack',
  SITE: 'Site',
  GATEWAY: 'Gateway',
  UPSTREAM: 'Upstream',
  USER_AGENT: 'Firmware',
  TENANT: 'Tenant',
};

/** Who or what is in trouble. */
export function subjectText({ tenant, site, rack, worker, part }: ShownAlert['subject']): string {
  if (worker !== null) return worker;
  if (part !== null && tenant === null) return part;
  const place = [tenant, site, rack].filter((each) => each !== null).join('.');
  const sort = rack !== null ? 'rack' : site !== null ? 'site' : 'tenant';
  return place === '' ? 'The pool' : `${sort} ${place}`;
}

export function causeText({ dimension, tenant, site, value }: NonNullable<ShownAlert['group']>): string {
  const place =
    dimension === 'RACK' ? `${tenant}.${site}.${value}` : dimension === 'SITE' ? `${tenant}.${value}` : value;
  return `${DIMENSION_WORDS[dimension]} ${place}`;
}

export interface AlertCluster {
  readonly key: string;
  /** Undefined of an alert that stands alone. */
  readonly group: NonNullable<ShownAlert['group']> | undefined;
  readonly alerts: readonly ShownAlert[];
}

const RANK: Record<ShownAlert['state'], number> = { FIRING: 0, ACKNOWLEDGED: 1, PENDING: 2, RESOLVED: 3 };
const SEVERITY_RANK: Record<ShownAlert['severity'], number> = { CRITICAL: 0, WARNING: 1, INFO: 2 };

/** What fires first, the worst of it before the rest, then the newest. A group stands where the first of its alerts does. */
export function clustersOf(alerts: readonly ShownAlert[]): AlertCluster[] {
  const sorted = [...alerts].sort(
    (a, b) =>
      RANK[a.state] - RANK[b.state] ||
      SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
      Date.parse(b.startedAt) - Date.parse(a.startedAt),
  );
  const clusters = new Map<string, { key: string; group: AlertCluster['group']; alerts: ShownAlert[] }>();
  for (const alert of sorted) {
    const isOver = alert.state === 'RESOLVED';
    const key = alert.group === null ? alert.id : `${alert.group.id} ${isOver}`;
    const cluster = clusters.get(key);
    if (cluster === undefined) clusters.set(key, { key, group: alert.group ?? undefined, alerts: [alert] });
    else cluster.alerts.push(alert);
  }
  return [...clusters.values()];
}

export function messageText({ about, state, attempts, reason }: ToldMessage): string {
  const what = about === 'FIRING' ? 'that it began' : 'that it is over';
  switch (state) {
    case 'OWED':
      return `${what}: waiting to be sent`;
    case 'RETRYING':
      return `${what}: not delivered after ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}, tried again. ${reason ?? ''}`.trim();
    case 'DELIVERED':
      return reason === null ? `${what}: delivered` : `${what}: delivered, but ${reason}`;
    case 'UNDELIVERABLE':
      return `${what}: given up. ${reason ?? ''}`.trim();
  }
}
