// What a viewer sees of rules, channels, webhooks and maintenance windows: those of tenants and sites whose fleet they see.
import type { ControlObject, ControlState } from '@assay/tenancy';
import { seesEntry } from '../../access/visible-entries.ts';
import { isGiven } from '../../argument-bounds.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { objectList, objectPage, searching, type PageArguments, type Search } from '../object-list.ts';
import { AlertingValues } from './alerting-values.ts';
import type { AlertingResolverPorts } from './ports.ts';

type AlertingKind = 'alert_rule' | 'alert_channel' | 'webhook' | 'maintenance_window';

export interface OfTenant extends Search {
  readonly tenant?: string | null | undefined;
}

/** The lists of the four kinds, and one of each by its id. */
export function alertingLists(state: ControlState) {
  /** @param textsOf what it is searched by: nothing that is not shown to whoever sees it */
  const listOf = <Kind extends AlertingKind, Value>(
    kind: Kind,
    valueOf: (values: AlertingValues) => (object: ControlObject<Kind>) => Value,
    textsOf: (body: ControlObject<Kind>['body']) => readonly string[],
  ) => {
    const sees = (viewer: Viewer, object: ControlObject<Kind>): boolean =>
      seesEntry(viewer, object as ControlObject<AlertingKind>, state);
    return {
      of: ({ tenant, search }: OfTenant, viewer: Viewer) => {
        const finds = searching(search);
        const shown = (object: ControlObject<Kind>): boolean => {
          const { body } = object;
          if (isGiven(tenant) && body.tenant !== tenant) return false;
          return finds([body.name, body.tenant, ...textsOf(body)]) && sees(viewer, object);
        };
        return objectList(state, kind, shown, valueOf(new AlertingValues(viewer, state)));
      },
      one: (id: string, viewer: Viewer) => {
        const object = state.get(kind, id);
        return object !== undefined && sees(viewer, object) ? valueOf(new AlertingValues(viewer, state))(object) : null;
      },
    };
  };
  return {
    rules: listOf(
      'alert_rule',
      (values) => values.rule,
      ({ under, looksFor }) => [looksFor.kind, ...under],
    ),
    channels: listOf(
      'alert_channel',
      (values) => values.channel,
      ({ sendsTo }) => [
        sendsTo.type,
        ...(sendsTo.type === 'mail' ? sendsTo.to : sendsTo.type === 'telegram' ? [sendsTo.chat] : []),
      ],
    ),
    webhooks: listOf(
      'webhook',
      (values) => values.webhook,
      ({ url }) => [url],
    ),
    windows: listOf(
      'maintenance_window',
      (values) => values.window,
      ({ under }) => under,
    ),
  };
}

type ListArguments = PageArguments & OfTenant;
type Context = OperationContext;

export function alertingQueries({ control: { state } }: Pick<AlertingResolverPorts, 'control'>) {
  const { rules, channels, webhooks, windows } = alertingLists(state);
  return {
    alertRules: (_root: unknown, args: ListArguments, { viewer }: Context) => objectPage(rules.of(args, viewer), args),
    alertRule: (_root: unknown, { id }: { id: string }, { viewer }: Context) => rules.one(id, viewer),
    alertChannels: (_root: unknown, args: ListArguments, { viewer }: Context) =>
      objectPage(channels.of(args, viewer), args),
    alertChannel: (_root: unknown, { id }: { id: string }, { viewer }: Context) => channels.one(id, viewer),
    webhooks: (_root: unknown, args: ListArguments, { viewer }: Context) => objectPage(webhooks.of(args, viewer), args),
    webhook: (_root: unknown, { id }: { id: string }, { viewer }: Context) => webhooks.one(id, viewer),
    maintenanceWindows: (_root: unknown, args: ListArguments, { viewer }: Context) =>
      objectPage(windows.of(args, viewer), args),
    maintenanceWindow: (_root: unknown, { id }: { id: string }, { viewer }: Context) => windows.one(id, viewer),
  };
}
