// What a viewer sees of rules, channels, webhooks and maintenance windows: those of tenants and sites whose fleet they see.
import type { ControlObject } from '@assay/tenancy';
import { seesEntry } from '../../access/visible-entries.ts';
import { isGiven } from '../../argument-bounds.ts';
import type { OperationContext } from '../../operation/context.ts';
import type { Viewer } from '../../operation/viewer.ts';
import { objectPage, type PageArguments } from '../object-page.ts';
import { AlertingValues } from './alerting-values.ts';
import type { AlertingResolverPorts } from './ports.ts';

type AlertingKind = 'alert_rule' | 'alert_channel' | 'webhook' | 'maintenance_window';

export function alertingQueries({ control: { state } }: Pick<AlertingResolverPorts, 'control'>) {
  /** The list of a kind, and one of it by its id. */
  const fields = <Kind extends AlertingKind, Value>(
    kind: Kind,
    valueOf: (values: AlertingValues) => (object: ControlObject<Kind>) => Value,
  ) => {
    const shown = (viewer: Viewer, object: ControlObject<Kind>): Value =>
      valueOf(new AlertingValues(viewer, state))(object);
    const sees = (viewer: Viewer, object: ControlObject<Kind>): boolean =>
      seesEntry(viewer, object as ControlObject<AlertingKind>, state);
    return {
      list: (
        _root: unknown,
        { tenant, ...page }: PageArguments & { readonly tenant?: string | null },
        { viewer }: OperationContext,
      ) =>
        objectPage(
          state,
          kind,
          page,
          (object) => (!isGiven(tenant) || object.body.tenant === tenant) && sees(viewer, object),
          (object) => shown(viewer, object),
        ),
      one: (_root: unknown, { id }: { readonly id: string }, { viewer }: OperationContext) => {
        const object = state.get(kind, id);
        return object !== undefined && sees(viewer, object) ? shown(viewer, object) : null;
      },
    };
  };

  const rules = fields('alert_rule', (values) => values.rule);
  const channels = fields('alert_channel', (values) => values.channel);
  const webhooks = fields('webhook', (values) => values.webhook);
  const windows = fields('maintenance_window', (values) => values.window);
  return {
    alertRules: rules.list,
    alertRule: rules.one,
    alertChannels: channels.list,
    alertChannel: channels.one,
    webhooks: webhooks.list,
    webhook: webhooks.one,
    maintenanceWindows: windows.list,
    maintenanceWindow: windows.one,
  };
}
