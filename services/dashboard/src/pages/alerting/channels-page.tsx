// Who can be told: Slack, Telegram, mail, and programs by a signed webhook. Secrets are typed in once and never shown again; a test tells how it went.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { change } from '../../login/own-account.ts';
import { EntriesPanel, SpecForm, type Given } from '../settings/entries-panel.tsx';
import { useListPlace } from '../settings/list-place.ts';
import { OnceShown } from '../settings/once-shown.tsx';
import { SettingsFrame } from '../settings/settings-frame.tsx';
import { usePermissions } from '../settings/use-permissions.ts';
import {
  CHANGE_CHANNEL,
  CHANGE_WEBHOOK,
  CHANNELS,
  CREATE_CHANNEL,
  CREATE_WEBHOOK,
  REMOVE_CHANNEL,
  REMOVE_WEBHOOK,
  SEND_TEST,
  WEBHOOKS,
  type WebhookInput,
} from './alerting-documents.ts';
import { channelInput, TYPE_WORDS } from './channel-form.ts';
import { tenantSpec, useTenantChoice } from './tenant-choice.tsx';

const COMMON: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  { name: 'enabled', label: 'Switched on', kind: 'flag', initial: 'yes' },
];
const TARGETS: readonly FieldSpec[] = [
  {
    name: 'url',
    label: 'URL of the incoming webhook',
    kind: 'text',
    when: { name: 'type', is: 'SLACK' },
    placeholder: 'https://hooks.slack.com/services/…',
    hint: 'A secret, never shown again. Left empty, it stays.',
  },
  {
    name: 'token',
    label: 'The bot’s token',
    kind: 'text',
    when: { name: 'type', is: 'TELEGRAM' },
    hint: 'A secret, never shown again. Left empty, it stays.',
  },
  {
    name: 'chat',
    label: 'Chat',
    kind: 'text',
    when: { name: 'type', is: 'TELEGRAM' },
    placeholder: '-100… or @name',
  },
  {
    name: 'to',
    label: 'Addresses',
    kind: 'list',
    when: { name: 'type', is: 'MAIL' },
    hint: 'Sent by the pool’s own mail server, unless the channel was given one of its own over GraphQL: that stays.',
  },
];
const TYPE: FieldSpec = {
  name: 'type',
  label: 'By',
  kind: 'choice',
  isNeeded: true,
  choices: Object.entries(TYPE_WORDS).map(([value, label]) => ({ value, label })),
  initial: 'MAIL',
};
const WEBHOOK_SPECS: readonly FieldSpec[] = [
  ...COMMON,
  { name: 'url', label: 'URL', kind: 'text', isNeeded: true, placeholder: 'https://' },
];

export function ChannelsPage(): ReactNode {
  const channelsPlace = useListPlace();
  const channels = useQuery(CHANNELS, channelsPlace.variables, { pollMs: 30_000 });
  const webhooksPlace = useListPlace('webhook');
  const webhooks = useQuery(WEBHOOKS, webhooksPlace.variables, { pollMs: 30_000 });
  const { may } = usePermissions();
  const choice = useTenantChoice();
  const [secret, setSecret] = useState<string>();
  const isReadOnly = !may('ALERT_EDIT');
  const test = (id: string): ReactNode => !isReadOnly && <TestButton channel={id} />;
  return (
    <SettingsFrame section="channels">
      <EntriesPanel
        title="Channels"
        noun="channel"
        place={channelsPlace}
        file="channels"
        query={channels}
        page={channels.data?.alertChannels}
        isReadOnly={isReadOnly}
        nameOf={({ name }) => name}
        nothing={<p>Rules tell channels. Without one, alerts are seen here only.</p>}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Tenant', cell: ({ tenant }) => <span className="mono">{tenant}</span> },
          { title: 'By', cell: ({ type }) => TYPE_WORDS[type] },
          { title: 'To', cell: ({ chat, to }) => chat ?? to?.join(', ') },
          { title: '', cell: ({ enabled }) => !enabled && <span className="tag">off</span> },
          { title: 'Test', cell: ({ id }) => test(id) },
        ]}
        remove={({ id, version }) => change(REMOVE_CHANNEL, { id, version })}
        form={(editor) => (
          <SpecForm
            {...editor}
            noun="channel"
            specs={[...COMMON, ...TARGETS]}
            newSpecs={[tenantSpec(choice), TYPE, ...COMMON, ...TARGETS]}
            create={({ tenant, ...given }) =>
              change(CREATE_CHANNEL, { tenant: String(tenant), channel: channelInput(given, undefined) })
            }
            change={(row, given) =>
              change(CHANGE_CHANNEL, { id: row.id, version: row.version, channel: channelInput(given, row) })
            }
          />
        )}
      />
      {secret !== undefined && (
        <OnceShown text={secret} label="Copy the secret" onOver={() => setSecret(undefined)}>
          Messages to the webhook are signed with this secret. It is shown this once.
        </OnceShown>
      )}
      <EntriesPanel
        title="Webhooks"
        noun="webhook"
        place={webhooksPlace}
        file="webhooks"
        query={webhooks}
        page={webhooks.data?.webhooks}
        isReadOnly={isReadOnly}
        nameOf={({ name }) => name}
        nothing={<p>For programs: a signed POST of JSON. docs/alerts.md says how to check the signature.</p>}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Tenant', cell: ({ tenant }) => <span className="mono">{tenant}</span> },
          { title: 'URL', cell: ({ url }) => <span className="mono">{url}</span> },
          { title: '', cell: ({ enabled }) => !enabled && <span className="tag">off</span> },
          { title: 'Test', cell: ({ id }) => test(`webhook:${id}`) },
        ]}
        remove={({ id, version }) => change(REMOVE_WEBHOOK, { id, version })}
        form={(editor) => (
          <SpecForm
            {...editor}
            noun="webhook"
            specs={WEBHOOK_SPECS}
            newSpecs={[tenantSpec(choice), ...WEBHOOK_SPECS]}
            create={async ({ tenant, ...given }: Given) => {
              const outcome = await change(CREATE_WEBHOOK, { tenant: String(tenant), webhook: given as WebhookInput });
              if (outcome.ok) setSecret(outcome.body.createWebhook.secret);
              return outcome;
            }}
            change={({ id, version }, given) => change(CHANGE_WEBHOOK, { id, version, webhook: given as WebhookInput })}
          />
        )}
      />
    </SettingsFrame>
  );
}

function TestButton({ channel }: { channel: string }): ReactNode {
  const [said, setSaid] = useState('');
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    setSaid('Sending');
    const outcome = await change(SEND_TEST, { channel });
    setBusy(false);
    setSaid(outcome.ok ? testText(outcome.body.sendTestMessage) : outcome.failure.message);
  };
  return (
    <span className="test-message">
      <button type="button" className="button small" disabled={isBusy} onClick={() => void send()}>
        Send a test
      </button>{' '}
      <span role="status">{said}</span>
    </span>
  );
}

function testText({ state, reason }: { readonly state: string; readonly reason: string | null }): string {
  switch (state) {
    case 'DELIVERED':
      return reason === null ? 'Delivered.' : `Delivered, but ${reason}`;
    case 'RETRYING':
      return `Not delivered yet, tried again: ${reason}`;
    case 'UNDELIVERABLE':
      return `Not delivered: ${reason}`;
    default:
      return 'Nobody has sent it within 20 seconds: does an alerter run?';
  }
}
