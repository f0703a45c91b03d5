// When nobody is to be told: windows that begin now for some hours, and dated ones.
import { useState, type ReactNode } from 'react';
import { serverNowMs } from '../../api/server-clock.ts';
import { useQuery } from '../../api/use-query.ts';
import { Panel } from '../../components/panel.tsx';
import { Moment } from '../../components/time.tsx';
import type { FieldSpec } from '../../entry-form/field-specs.ts';
import { change } from '../../login/own-account.ts';
import { EntriesPanel, SpecForm } from '../settings/entries-panel.tsx';
import { useListPlace } from '../settings/list-place.ts';
import { SettingsFrame } from '../settings/settings-frame.tsx';
import { usePermissions } from '../settings/use-permissions.ts';
import { CHANGE_WINDOW, CREATE_WINDOW, REMOVE_WINDOW, WINDOWS, type WindowInput } from './alerting-documents.ts';
import { TenantChoice, tenantSpec, useTenantChoice, type TenantChoosing } from './tenant-choice.tsx';

const HOURS = [1, 2, 4];

const SPECS: readonly FieldSpec[] = [
  { name: 'name', label: 'Name', kind: 'text', isNeeded: true },
  {
    name: 'under',
    label: 'Only below',
    kind: 'places',
    hint: 'Nothing chosen: all of the tenant.',
  },
  { name: 'from', label: 'From', kind: 'moment', isNeeded: true },
  { name: 'until', label: 'Until', kind: 'moment', isNeeded: true },
  { name: 'note', label: 'Note', kind: 'note' },
];

export function MaintenancePage(): ReactNode {
  const place = useListPlace();
  const query = useQuery(WINDOWS, place.variables, { pollMs: 30_000 });
  const { may } = usePermissions();
  const choice = useTenantChoice();
  return (
    <SettingsFrame section="maintenance">
      {may('ALERT_EDIT') && <StartNow choice={choice} onStarted={query.refetch} />}
      <EntriesPanel
        title="Maintenance windows"
        noun="window"
        place={place}
        file="maintenance-windows"
        query={query}
        page={query.data?.maintenanceWindows}
        isReadOnly={!may('ALERT_EDIT')}
        nameOf={({ name }) => name}
        nothing={<p>Within a window nobody is told of what it covers. What still fires at its end is told then.</p>}
        columns={[
          { title: 'Name', cell: ({ name }) => name },
          { title: 'Of', cell: ({ tenant, under }) => <span className="mono">{under.join(', ') || tenant}</span> },
          { title: 'From', cell: ({ from }) => <Moment at={from} /> },
          { title: 'Until', cell: ({ until }) => <Moment at={until} /> },
          {
            title: 'Now',
            cell: ({ from, until }) => {
              const nowMs = serverNowMs();
              if (nowMs >= Date.parse(until)) return <span className="tag">over</span>;
              return nowMs < Date.parse(from) ? (
                <span className="tag">to come</span>
              ) : (
                <span className="tag warn">silent</span>
              );
            },
          },
        ]}
        remove={({ id, version }) => change(REMOVE_WINDOW, { id, version })}
        form={(editor) => (
          <SpecForm
            {...editor}
            noun="window"
            specs={SPECS}
            newSpecs={[tenantSpec(choice), ...SPECS]}
            create={({ tenant, ...window }) =>
              change(CREATE_WINDOW, { tenant: String(tenant), window: window as WindowInput })
            }
            change={({ id, version }, given) => change(CHANGE_WINDOW, { id, version, window: given as WindowInput })}
          />
        )}
      />
    </SettingsFrame>
  );
}

function StartNow({ choice, onStarted }: { choice: TenantChoosing; onStarted: () => void }): ReactNode {
  const [place, setPlace] = useState('');
  const [said, setSaid] = useState('');
  const start = async (hours: number): Promise<void> => {
    const fromMs = serverNowMs();
    const under = place.trim() === '' ? [] : [place.trim()];
    const window = {
      name: `Works at ${under[0] ?? choice.tenant}`,
      under,
      from: new Date(fromMs).toISOString(),
      until: new Date(fromMs + hours * 3_600_000).toISOString(),
    };
    const outcome = await change(CREATE_WINDOW, { tenant: choice.tenant, window });
    setSaid(outcome.ok ? 'Silent from now on.' : outcome.failure.message);
    if (outcome.ok) onStarted();
  };
  return (
    <Panel title="Start now" end={<TenantChoice choice={choice} />}>
      <div className="start-now">
        <input
          className="input"
          aria-label="Place"
          placeholder={`all of ${choice.tenant}, or such as ${choice.tenant}.north`}
          value={place}
          spellCheck={false}
          onChange={(event) => setPlace(event.target.value)}
        />
        {HOURS.map((hours) => (
          <button
            key={hours}
            type="button"
            className="button"
            disabled={choice.tenant === ''}
            onClick={() => void start(hours)}
          >
            {hours} h
          </button>
        ))}
        <span role="status">{said}</span>
      </div>
    </Panel>
  );
}
