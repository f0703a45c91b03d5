// What is looked for, and who is told: presets for one click, and every rule with what each field costs in false alarms.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { change } from '../../login/own-account.ts';
import { KIND_WORDS, SEVERITY_WORDS } from '../alerts/alert-text.ts';
import { EntriesPanel } from '../settings/entries-panel.tsx';
import { useListPlace } from '../settings/list-place.ts';
import { SettingsFrame } from '../settings/settings-frame.tsx';
import { usePermissions } from '../settings/use-permissions.ts';
import { CREATE_RULE, REMOVE_RULE, RULES, TARGETS, type Rule } from './alerting-documents.ts';
import { RuleForm } from './rule-form.tsx';
import { presetsFor, type Preset } from './rule-presets.ts';
import { targetChoices } from './steps-field.tsx';
import { TenantChoice, useTenantChoice } from './tenant-choice.tsx';

export function RulesPage(): ReactNode {
  const place = useListPlace();
  const query = useQuery(RULES, place.variables, { pollMs: 30_000 });
  const { data: targets } = useQuery(TARGETS, { tenant: null }, { pollMs: 30_000 });
  const { may } = usePermissions();
  const choice = useTenantChoice();
  const channels = targetChoices(targets);
  const nameOf = (id: string): string => channels.find(({ value }) => value === id)?.label ?? id;
  return (
    <SettingsFrame section="rules">
      {may('ALERT_EDIT') && (
        <Panel title="Add with one click" end={<TenantChoice choice={choice} />}>
          <ul className="presets">
            {presetsFor(choice.tenant).map((preset) => (
              <PresetRow
                key={preset.name}
                preset={preset}
                tenant={choice.tenant}
                channel={targets?.alertChannels.nodes.find(({ tenant }) => tenant === choice.tenant)}
                onAdded={query.refetch}
              />
            ))}
          </ul>
        </Panel>
      )}
      <EntriesPanel
        title="Rules"
        noun="rule"
        place={place}
        file="rules"
        query={query}
        page={query.data?.alertRules}
        isReadOnly={!may('ALERT_EDIT')}
        nameOf={({ name }) => name}
        nothing={<p>Without a rule nothing is looked for, and nobody is told of anything.</p>}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Tenant', cell: ({ tenant }) => <span className="mono">{tenant}</span> },
          { title: 'Looks for', cell: ({ looksFor }) => KIND_WORDS[looksFor.kind] },
          { title: 'Severity', cell: ({ severity }) => SEVERITY_WORDS[severity] },
          { title: 'Tells', cell: (rule) => <Told rule={rule} nameOf={nameOf} /> },
          { title: '', cell: ({ enabled }) => !enabled && <span className="tag">off</span> },
        ]}
        form={(editor) => <RuleForm {...editor} tenants={choice} />}
        remove={({ id, version }) => change(REMOVE_RULE, { id, version })}
      />
    </SettingsFrame>
  );
}

function Told({ rule: { steps }, nameOf }: { rule: Rule; nameOf: (id: string) => string }): ReactNode {
  const told = steps.flatMap(({ channels, webhooks }) => [...channels, ...webhooks.map((id) => `webhook:${id}`)]);
  return told.length === 0 ? <span className="tag warn">nobody</span> : [...new Set(told)].map(nameOf).join(', ');
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
