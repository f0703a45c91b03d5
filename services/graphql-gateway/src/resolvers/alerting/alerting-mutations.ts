// Changes of rules, channels, webhooks and maintenance windows.
import {
  webhookSecret,
  type AlertChannelBody,
  type AlertRuleBody,
  type MaintenanceWindowBody,
  type WebhookBody,
} from '@assay/tenancy';
import { randomBytes } from 'node:crypto';
import { isGiven } from '../../argument-bounds.ts';
import { ClientError } from '../../errors.ts';
import type { OperationContext } from '../../operation/context.ts';
import { ObjectEditor, type Patch } from '../places/object-editor.ts';
import { checkTimeZone } from '../places/places-mutations.ts';
import { AlertingValues } from './alerting-values.ts';
import { sealedFor, sendsToOf, type ChannelInput } from './channel-input.ts';
import type { AlertingResolverPorts } from './ports.ts';

interface Versioned {
  readonly id: string;
  readonly version: number;
}

interface RuleInput extends Omit<Patch<AlertRuleBody>, 'looksFor' | 'steps'> {
  readonly looksFor?: { readonly kind: string } | null;
  readonly steps?:
    | readonly {
        readonly afterMinutes: number;
        readonly channels?: readonly string[] | null;
        readonly webhooks?: readonly string[] | null;
      }[]
    | null;
}

interface WindowInput {
  readonly name?: string | null;
  readonly under?: readonly string[] | null;
  readonly from?: number | null;
  readonly until?: number | null;
  readonly note?: string | null;
}

type Context = OperationContext;

/** Told after so long, and over after so long, unless said otherwise. */
const NEW_RULE = { enabled: true, under: [], groups: [], forSeconds: 120, clearForSeconds: 120, steps: [] };

export function alertingMutations({ control, sealer }: AlertingResolverPorts) {
  const { state } = control;
  const editor = new ObjectEditor(control);
  const values = ({ viewer }: Context): AlertingValues => new AlertingValues(viewer, state);
  const remove =
    (kind: 'alert_rule' | 'alert_channel' | 'webhook' | 'maintenance_window') =>
    (_root: unknown, { id, version }: Versioned, { viewer }: Context) =>
      editor.remove(viewer, kind, id, version);
  const drawSecret = (id: string): { readonly secret: string; readonly sealed: string } => {
    const secret = randomBytes(24).toString('base64url');
    return { secret, sealed: sealedFor(sealer, secret, webhookSecret(id)) };
  };

  return {
    createAlertRule: async (
      _root: unknown,
      { tenant, rule }: { tenant: string; rule: RuleInput },
      context: Context,
    ) => {
      const body = { ...NEW_RULE, ...rulePatch(rule), tenant };
      return values(context).rule(await editor.create(context.viewer, 'alert_rule', newId('rule'), body));
    },
    changeAlertRule: async (_root: unknown, { id, version, rule }: Versioned & { rule: RuleInput }, context: Context) =>
      values(context).rule(await editor.change(context.viewer, 'alert_rule', id, version, rulePatch(rule))),
    removeAlertRule: remove('alert_rule'),

    createAlertChannel: async (
      _root: unknown,
      { tenant, channel }: { tenant: string; channel: ChannelInput },
      context: Context,
    ) => {
      const id = newId('channel');
      if (!context.viewer.access.may('alert.edit', { tenant }))
        throw new ClientError('FORBIDDEN', 'Making a channel needs the permission alert.edit over its tenant.');
      const body = { enabled: true, ...channelPatch(id, channel, undefined), tenant };
      return values(context).channel(await editor.create(context.viewer, 'alert_channel', id, body));
    },
    changeAlertChannel: async (
      _root: unknown,
      { id, version, channel }: Versioned & { channel: ChannelInput },
      context: Context,
    ) => {
      const { body } = editor.editable(context.viewer, 'alert_channel', id);
      const given = channelPatch(id, channel, body.sendsTo);
      return values(context).channel(await editor.change(context.viewer, 'alert_channel', id, version, given));
    },
    removeAlertChannel: remove('alert_channel'),

    createWebhook: async (
      _root: unknown,
      { tenant, webhook }: { tenant: string; webhook: Patch<WebhookBody> },
      context: Context,
    ) => {
      const id = newId('webhook');
      if (!context.viewer.access.may('alert.edit', { tenant }))
        throw new ClientError('FORBIDDEN', 'Making a webhook needs the permission alert.edit over its tenant.');
      const { secret, sealed } = drawSecret(id);
      const body = { enabled: true, ...webhook, tenant, sealedSecrets: [sealed] };
      const made = await editor.create(context.viewer, 'webhook', id, body);
      return { webhook: values(context).webhook(made), secret };
    },
    changeWebhook: async (
      _root: unknown,
      { id, version, webhook }: Versioned & { webhook: Patch<WebhookBody> },
      context: Context,
    ) => values(context).webhook(await editor.change(context.viewer, 'webhook', id, version, webhook)),
    drawWebhookSecret: async (_root: unknown, { id, version }: Versioned, context: Context) => {
      const { body } = editor.editable(context.viewer, 'webhook', id);
      const { secret, sealed } = drawSecret(id);
      const given = { sealedSecrets: [sealed, body.sealedSecrets[0]!] };
      return {
        webhook: values(context).webhook(await editor.change(context.viewer, 'webhook', id, version, given)),
        secret,
      };
    },
    endWebhookSecret: async (_root: unknown, { id, version }: Versioned, context: Context) => {
      const { body } = editor.editable(context.viewer, 'webhook', id);
      const given = { sealedSecrets: body.sealedSecrets.slice(0, 1) };
      return values(context).webhook(await editor.change(context.viewer, 'webhook', id, version, given));
    },
    removeWebhook: remove('webhook'),

    createMaintenanceWindow: async (
      _root: unknown,
      { tenant, window }: { tenant: string; window: WindowInput },
      context: Context,
    ) => {
      const body = { under: [], ...windowPatch(window), tenant };
      return values(context).window(await editor.create(context.viewer, 'maintenance_window', newId('window'), body));
    },
    changeMaintenanceWindow: async (
      _root: unknown,
      { id, version, window }: Versioned & { window: WindowInput },
      context: Context,
    ) =>
      values(context).window(
        await editor.change(context.viewer, 'maintenance_window', id, version, windowPatch(window)),
      ),
    removeMaintenanceWindow: remove('maintenance_window'),
  };

  function channelPatch(
    id: string,
    input: ChannelInput,
    before: AlertChannelBody['sendsTo'] | undefined,
  ): Patch<AlertChannelBody> {
    const { name, enabled } = input;
    const sendsTo = sendsToOf(sealer, id, input, before);
    return {
      ...(name !== undefined && { name }),
      ...(enabled !== undefined && { enabled }),
      ...(sendsTo !== undefined && { sendsTo }),
    };
  }
}

/** Of a condition, null is as good as left out; what its kind does not know is for the fold to refuse. */
function rulePatch({ looksFor, steps, ...rule }: RuleInput): Patch<AlertRuleBody> {
  if (isGiven(rule.quietHours)) checkTimeZone(rule.quietHours);
  return {
    ...rule,
    ...(looksFor !== undefined && { looksFor: looksFor && (withoutNull(looksFor) as AlertRuleBody['looksFor']) }),
    ...(steps !== undefined && {
      steps:
        steps?.map(({ afterMinutes, channels, webhooks }) => ({
          afterMinutes,
          channels: [...(channels ?? [])],
          webhooks: [...(webhooks ?? [])],
        })) ?? [],
    }),
  };
}

function windowPatch({ name, under, from, until, note }: WindowInput): Patch<MaintenanceWindowBody> {
  return {
    ...(name !== undefined && { name }),
    ...(under !== undefined && { under: [...(under ?? [])] }),
    ...(from !== undefined && { fromUs: from }),
    ...(until !== undefined && { untilUs: until }),
    ...(note !== undefined && { note }),
  };
}

function withoutNull(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => isGiven(value)));
}

/** Names nothing and is never used again. */
function newId(kind: string): string {
  return `${kind}_${randomBytes(9).toString('base64url')}`;
}
