// What is entered, as files: tenants, places, workers, ownership, people, keys, what is looked for and who is told. Each is narrowed by `q` and `tenant`
// as its page is. Secrets are in none of them, nor anything that its viewer is not shown by GraphQL.
import type { ControlKind, Grant } from '@assay/tenancy';
import type { ActorValue } from '../access/visible-entries.ts';
import { alertingLists } from '../resolvers/alerting/alerting-queries.ts';
import { identityLists } from '../resolvers/identity/identity-queries.ts';
import type { ObjectList } from '../resolvers/object-list.ts';
import { placesLists } from '../resolvers/places/places-lists.ts';
import { PLACE_ENUMS } from '../resolvers/places/places-values.ts';
import { csvTime, type CsvValue } from './csv.ts';
import { csvTable, type TableRows } from './csv-table.ts';
import type { DownloadRequest } from './download.ts';

interface Stamped {
  readonly version: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly changedBy: () => ActorValue;
}

/** Of every entry, behind its own columns. */
const STAMP = {
  version: ({ version }: Stamped): CsvValue => version,
  created_at: ({ createdAt }: Stamped): CsvValue => csvTime(createdAt),
  changed_at: ({ changedAt }: Stamped): CsvValue => csvTime(changedAt),
  changed_by: ({ changedBy }: Stamped): CsvValue => actorName(changedBy()),
};

/** Whoever it was, as far as the viewer is told. */
export function actorName({ kind, id, name }: ActorValue): string {
  return name ?? id ?? kind;
}

/** Names, tags and addresses hold no comma. */
const listed = (items: readonly string[] | undefined): string | undefined => items?.join(', ');

const granted = (grants: readonly Grant[]): string =>
  grants.map(({ role, tenant, site }) => `${role} ${site ?? tenant}`).join(', ');

/** What a condition holds, by name: kinds differ in it. */
const condition = ({ kind: _kind, ...settings }: { readonly kind: string }): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

function rowsOf<Value, Kind extends ControlKind>({ objects, valueOf }: ObjectList<Value, Kind>): TableRows<Value> {
  return { count: objects.length, rows: mapped(objects, valueOf) };
}

export function* mapped<Item, Value>(items: Iterable<Item>, valueOf: (item: Item) => Value): Iterable<Value> {
  for (const item of items) yield valueOf(item);
}

const narrowed = ({ params }: DownloadRequest) => ({ search: params.text('q'), tenant: params.text('tenant') });
const places = ({ control }: DownloadRequest) => placesLists(control.state);
const identity = ({ control }: DownloadRequest) => identityLists(control.state);
const alerting = ({ control }: DownloadRequest) => alertingLists(control.state);

export const tenantsCsv = csvTable({
  name: 'tenants',
  rowsFor: (request) => rowsOf(places(request).tenants(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    name: ({ name }) => name,
    kind: ({ kind }) => kind,
    takes_new_workers: ({ autoRegister }) => autoRegister,
    workers: ({ enteredWorkers }) => enteredWorkers,
    most_workers: ({ maxWorkers }) => maxWorkers,
    most_submits_per_second: ({ maxSubmitsPerSecond }) => maxSubmitsPerSecond,
    retention_days: ({ retentionDays }) => retentionDays,
    time_zone: ({ timeZone }) => timeZone,
    second_factor_needed: ({ requireSecondFactor }) => requireSecondFactor,
    ...STAMP,
  },
});

export const sitesCsv = csvTable({
  name: 'sites',
  rowsFor: (request) => rowsOf(places(request).sites(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    location: ({ location }) => location,
    power_watts: ({ powerWatts }) => powerWatts,
    note: ({ note }) => note,
    ...STAMP,
  },
});

export const groupsCsv = csvTable({
  name: 'groups',
  rowsFor: (request) => rowsOf(places(request).groups(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    under: ({ under }) => listed(under),
    tags: ({ tags }) => listed(tags),
    ...STAMP,
  },
});

export const workerEntriesCsv = csvTable({
  name: 'worker-entries',
  rowsFor: (request) => {
    const { params } = request;
    const standings = PLACE_ENUMS.WorkerStanding;
    const standing = params.oneOf('standing', Object.keys(standings) as (keyof typeof standings)[]);
    const filter = {
      ...narrowed(request),
      site: params.text('site'),
      tag: params.text('tag'),
      standing: standing && [standings[standing]],
    };
    return rowsOf(places(request).workers(filter, request.viewer));
  },
  columns: {
    worker: ({ name }) => name,
    tenant: ({ tenant }) => tenant,
    site: ({ site }) => site,
    standing: ({ standing }) => standing,
    expected_hash_rate: ({ expectedHashRate }) => expectedHashRate,
    rated_power_watts: ({ ratedPowerWatts }) => ratedPowerWatts,
    model: ({ model }) => model,
    owner: ({ owner }) => owner,
    tags: ({ tags }) => listed(tags),
    has_secret: ({ hasSecret }) => hasSecret,
    note: ({ note }) => note,
    ...STAMP,
  },
});

export const ownershipsCsv = csvTable({
  name: 'ownerships',
  rowsFor: (request) => rowsOf(places(request).ownerships(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    of: ({ of }) => of,
    holder: ({ holder }) => holder,
    fraction: ({ fraction }) => fraction,
    from: ({ from }) => csvTime(from),
    until: ({ until }) => csvTime(until),
    promised_hash_rate: ({ promisedHashRate }) => promisedHashRate,
    note: ({ note }) => note,
    ...STAMP,
  },
});

export const usersCsv = csvTable({
  name: 'users',
  rowsFor: (request) => rowsOf(identity(request).users(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    name: ({ name }) => name,
    email: ({ email }) => email,
    grants: ({ grants }) => granted(grants),
    disabled: ({ disabled }) => disabled,
    has_password: ({ hasPassword }) => hasPassword,
    has_second_factor: ({ hasSecondFactor }) => hasSecondFactor,
    issuer: ({ issuer }) => issuer,
    invited_until: ({ invitedUntil }) => csvTime(invitedUntil),
    version: ({ version }) => version,
    created_at: ({ createdAt }) => csvTime(createdAt),
  },
});

export const serviceKeysCsv = csvTable({
  name: 'service-keys',
  rowsFor: (request) => rowsOf(identity(request).serviceKeys(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    name: ({ name }) => name,
    shown: ({ shown }) => shown,
    grants: ({ grants }) => granted(grants),
    only: ({ only }) => listed(only),
    created_at: ({ createdAt }) => csvTime(createdAt),
    expires_at: ({ expiresAt }) => csvTime(expiresAt),
  },
});

export const rulesCsv = csvTable({
  name: 'rules',
  rowsFor: (request) => rowsOf(alerting(request).rules.of(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    enabled: ({ enabled }) => enabled,
    kind: ({ looksFor }) => looksFor.kind,
    condition: ({ looksFor }) => condition(looksFor),
    severity: ({ severity }) => severity,
    under: ({ under }) => listed(under),
    groups: ({ groups }) => listed(groups),
    for_seconds: ({ forSeconds }) => forSeconds,
    clear_for_seconds: ({ clearForSeconds }) => clearForSeconds,
    damping: ({ damping }) =>
      damping && `${damping.times} times in ${damping.withinMinutes} minutes, until ${damping.calmMinutes} are calm`,
    steps: ({ steps }) =>
      steps
        .map(({ afterMinutes, channels, webhooks }) =>
          [`after ${afterMinutes} minutes:`, ...channels, ...webhooks.map((id) => `webhook:${id}`)].join(' '),
        )
        .join(', '),
    quiet_days: ({ quietHours }) => quietHours && quietHours.days.join(' '),
    quiet_from: ({ quietHours }) => quietHours?.from,
    quiet_to: ({ quietHours }) => quietHours?.to,
    quiet_time_zone: ({ quietHours }) => quietHours?.timeZone,
    quiet_passes: ({ quietHours }) => listed(quietHours?.passes),
    ...STAMP,
  },
});

export const channelsCsv = csvTable({
  name: 'channels',
  rowsFor: (request) => rowsOf(alerting(request).channels.of(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    enabled: ({ enabled }) => enabled,
    type: ({ type }) => type,
    to: (channel) => ('chat' in channel ? channel.chat : 'to' in channel ? listed(channel.to) : undefined),
    mail_server: (channel) => ('server' in channel ? `${channel.server.host}:${channel.server.port}` : undefined),
    ...STAMP,
  },
});

export const webhooksCsv = csvTable({
  name: 'webhooks',
  rowsFor: (request) => rowsOf(alerting(request).webhooks.of(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    enabled: ({ enabled }) => enabled,
    url: ({ url }) => url,
    secrets: ({ secrets }) => secrets,
    ...STAMP,
  },
});

export const windowsCsv = csvTable({
  name: 'maintenance-windows',
  rowsFor: (request) => rowsOf(alerting(request).windows.of(narrowed(request), request.viewer)),
  columns: {
    id: ({ id }) => id,
    tenant: ({ tenant }) => tenant,
    name: ({ name }) => name,
    under: ({ under }) => listed(under),
    from: ({ from }) => csvTime(from),
    until: ({ until }) => csvTime(until),
    note: ({ note }) => note,
    ...STAMP,
  },
});
