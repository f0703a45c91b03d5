// What is looked for, and who is told: presets for one click, and every rule with what each field costs in false alarms.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { change } from '../../login/own-account.ts';
import { KIND_WORDS, SEVERITY_WORDS } from '../alerts/alert-text.ts';
import { EntriesPanel } from '../settings/entries-panel.tsx';
import { SettingsFrame } from '../settings/settings-frame.tsx';
import { usePermissions } from '../settings/use-permissions.ts';
import { CHANGE_RULE, CREATE_RULE, REMOVE_RULE, RULES } from './alerting-documents.ts';
import { flatRule, PRESETS, ruleInput, ruleSpecs, type Preset } from './rule-form.ts';
import { TenantChoice, tenantSpec, useTenantChoice } from './tenant-choice.tsx';

export function RulesPage(): ReactNode {
  const query = useQuery(RULES, {}, { pollMs: 30_000 });
  const { may } = usePermissions();
  const choice = useTenantChoice();
  const { data } = query;
  const channels = [
    ...(data?.alertChannels.nodes ?? []).map(({ id, name, tenant }) => ({ value: id, label: `${name} (${tenant})` })),
    ...(data?.webhooks.nodes ?? []).map(({ id, name, tenant }) => ({
      value: `webhook:${id}`,
      label: `${name} (${tenant})`,
    })),
  ];
  const nameOf = (id: string): string => channels.find(({ value }) => value === id)?.label ?? id;
  const specs = ruleSpecs(channels);
  const rules = data?.alertRules;
  const rows = rules && { ...rules, nodes: rules.nodes.map(flatRule) };
  const byId = (id: string) => rules?.nodes.find((rule) => rule.id === id);
  return (
    <SettingsFrame section="rules">
      {may('ALERT_EDIT') && (
        <Panel title="Add with one click" end={<TenantChoice choice={choice} />}>
          <ul className="presets">
            {PRESETS.map((preset) => (
              <PresetRow
                key={preset.name}
                preset={preset}
                tenant={choice.tenant}
                channel={data?.alertChannels.nodes.find(({ tenant }) => tenant === choice.tenant)}
                onAdded={query.refetch}
              />
            ))}
          </ul>
        </Panel>
      )}
      <EntriesPanel
        title="Rules"
        noun="rule"
        query={query}
        page={rows}
        isReadOnly={!may('ALERT_EDIT')}
        nameOf={({ name }) => name}
        nothing={<p>Without a rule nothing is looked for, and nobody is told of anything.</p>}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Tenant', cell: ({ tenant }) => <span className="mono">{tenant}</span> },
          { title: 'Looks for', cell: ({ id }) => KIND_WORDS[byId(id)?.looksFor.kind ?? 'OFFLINE'] },
          { title: 'Severity', cell: ({ id }) => SEVERITY_WORDS[byId(id)?.severity ?? 'INFO'] },
          {
            title: 'Tells',
            cell: ({ id }) => {
              const steps = byId(id)?.steps ?? [];
              const told = steps.flatMap((step) => [
                ...step.channels,
                ...step.webhooks.map((hook) => `webhook:${hook}`),
              ]);
              return told.length === 0 ? <span className="tag warn">nobody</span> : told.map(nameOf).join(', ');
            },
          },
          { title: '', cell: ({ id }) => byId(id)?.enabled === false && <span className="tag">off</span> },
        ]}
        specs={specs}
        newSpecs={[tenantSpec(choice), ...specs]}
        create={({ tenant, ...given }) =>
          change(CREATE_RULE, { tenant: String(tenant), rule: ruleInput(given, undefined) })
        }
        change={({ id, version }, given) => change(CHANGE_RULE, { id, version, rule: ruleInput(given, byId(id)) })}
        remove={({ id, version }) => change(REMOVE_RULE, { id, version })}
      />
    </SettingsFrame>
  );
}

interface PresetRowProps {
  readonly preset: Preset;
  readonly tenant: string;
  /** Told of it; the first that the tenant has. */
  readonly channel: { readonly id: string; readonly name: string } | undefined;
  readonly onAdded: () => void;
}

function PresetRow({ preset, tenant, channel, onAdded }: PresetRowProps): ReactNode {
  const [said, setSaid] = useState('');
  const add = async (): Promise<void> => {
    const steps = channel === undefined ? [] : [{ afterMinutes: 0, channels: [channel.id], webhooks: [] }];
    const outcome = await change(CREATE_RULE, { tenant, rule: { name: preset.name, ...preset.rule, steps } });
    setSaid(outcome.ok ? 'Added' : outcome.failure.message);
    if (outcome.ok) onAdded();
  };
  return (
    <li>
      <div>
        <strong>{preset.name}</strong>
        <p className="muted">
          {preset.says}{' '}
          {channel === undefined ? (
            <>
              Nobody is told yet: <Link to="/settings/channels">make a channel first</Link>.
            </>
          ) : (
            `Tells ${channel.name}.`
          )}
        </p>
      </div>
      <button type="button" className="button" disabled={tenant === ''} onClick={() => void add()}>
        Add<span className="sr-only"> {preset.name}</span>
      </button>
      <span role="status">{said}</span>
    </li>
  );
}
