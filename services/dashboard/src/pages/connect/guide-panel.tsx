// The settings for one kind of miner, each with a copy button.
import type { ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { GUIDES, type MinerGuide, type Settings } from './miner-guides.ts';
import { useSearchParams } from '../../router/location.ts';

export function GuidePanel({ settings }: { settings: Settings }): ReactNode {
  const [params, setParams] = useSearchParams();
  const guide = GUIDES.find((each) => each.id === params.get('miner')) ?? GUIDES[0]!;
  return (
    <section className="panel" aria-label="Settings by miner">
      <div className="tabs" role="group" aria-label="Kind of miner">
        {GUIDES.map((each) => (
          <button
            key={each.id}
            type="button"
            aria-pressed={each === guide}
            onClick={() => setParams({ miner: each === GUIDES[0] ? null : each.id }, { replace: true })}
          >
            {each.name}
          </button>
        ))}
      </div>
      <Guide guide={guide} settings={settings} />
    </section>
  );
}

function Guide({ guide, settings }: { guide: MinerGuide; settings: Settings }): ReactNode {
  const command = guide.command?.(settings);
  return (
    <div className="panel-body guide">
      <p>{guide.where}</p>
      {command !== undefined && (
        <div className="copy-row command">
          <code>{command}</code>
          <CopyButton text={command} label="command" />
        </div>
      )}
      {guide.fields && (
        <dl className="copy-fields">
          {guide.fields(settings).map(({ label, value }) => (
            <div key={label} className="copy-row">
              <dt>{label}</dt>
              <dd>
                <code>{value}</code>
                <CopyButton text={value} label={label} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <ul className="notes">
        {guide.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </div>
  );
}
