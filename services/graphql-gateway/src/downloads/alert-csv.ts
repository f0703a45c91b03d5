// The alerts as CSV, newest first, narrowed by the same parameters as the page's address has.
import { ALERT_ENUMS, alertValue } from '../resolvers/alerts/alerts-values.ts';
import { listedAlerts } from '../resolvers/alerts/alerts-queries.ts';
import { csvTime } from './csv.ts';
import { csvTable } from './csv-table.ts';
import { actorName, mapped } from './entry-tables.ts';

const SHOWN = {
  open: ['firing', 'acknowledged'],
  pending: ['pending'],
  over: ['resolved'],
  all: null,
} as const;

export const alertsCsv = csvTable({
  name: 'alerts',
  rowsFor: ({ params, ports, control, viewer, moment }) => {
    const severity = params.oneOf('severity', Object.keys(ALERT_ENUMS.AlertSeverity));
    const filter = {
      states: SHOWN[params.oneOf('show', Object.keys(SHOWN) as (keyof typeof SHOWN)[]) ?? 'open'],
      severities: severity === undefined ? null : [ALERT_ENUMS.AlertSeverity[severity]!],
      tenant: params.text('tenant'),
      site: params.text('site'),
      worker: params.text('worker'),
      rule: params.text('rule'),
    };
    const alerts = listedAlerts({ ...ports, control }, { viewer, moment }, filter);
    const sources = { inbox: ports.alerts.inbox, state: control.state };
    return { count: alerts.length, rows: mapped(alerts, (alert) => alertValue(sources, viewer, alert)) };
  },
  columns: {
    id: ({ id }) => id,
    kind: ({ kind }) => kind,
    severity: ({ severity }) => severity,
    state: ({ state }) => state,
    tenant: ({ subject }) => subject.tenant,
    site: ({ subject }) => subject.site,
    rack: ({ subject }) => subject.rack,
    worker: ({ subject }) => subject.worker,
    part: ({ subject }) => subject.part,
    rule: ({ rule }) => rule()?.name,
    evidence: ({ evidence }) => evidence.map(({ name, text }) => `${name}: ${text}`).join(', '),
    started_at: ({ startedAt }) => csvTime(startedAt),
    fired_at: ({ firedAt }) => csvTime(firedAt ?? undefined),
    last_finding_at: ({ lastFindingAt }) => csvTime(lastFindingAt),
    acknowledged_at: ({ acknowledgedAt }) => csvTime(acknowledgedAt),
    acknowledged_by: ({ acknowledgedBy }) => acknowledgedBy && actorName(acknowledgedBy),
    resolved_at: ({ resolvedAt }) => csvTime(resolvedAt),
    resolved_because: ({ resolvedBecause }) => resolvedBecause,
    silenced: ({ silenced }) => silenced,
    messages: ({ messages }) => messages().length,
  },
});
