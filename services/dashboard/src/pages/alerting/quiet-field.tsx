// Quiet hours of a rule: when they begin and end, on which days, in which time zone, and what is told all the same.
import type { ReactNode } from 'react';
import type { Draft } from '../../entry-form/field-specs.ts';
import { TextField } from '../../login/text-field.tsx';
import { SEVERITY_WORDS } from '../alerts/alert-text.ts';
import { newQuietHours, type QuietDraft, type Severity } from './rule-draft.ts';

/** Monday first; 0 is Sunday. */
const DAYS = [
  [1, 'Mon'],
  [2, 'Tue'],
  [3, 'Wed'],
  [4, 'Thu'],
  [5, 'Fri'],
  [6, 'Sat'],
  [0, 'Sun'],
] as const;
const SEVERITIES = Object.entries(SEVERITY_WORDS) as [Severity, string][];

interface QuietFieldProps {
  /** Null where there are none. */
  readonly quietHours: QuietDraft | null;
  readonly problems: Draft;
  readonly onChange: (quietHours: QuietDraft | null) => void;
}

export function QuietField({ quietHours, problems, onChange }: QuietFieldProps): ReactNode {
  return (
    <fieldset className="choices">
      <legend>Quiet hours</legend>
      <label className="check">
        <input
          type="checkbox"
          checked={quietHours !== null}
          onChange={(event) => onChange(event.target.checked ? newQuietHours() : null)}
        />
        Tell nobody at certain hours
      </label>
      {quietHours !== null && <Hours quietHours={quietHours} problems={problems} onChange={onChange} />}
    </fieldset>
  );
}

function Hours({
  quietHours,
  problems,
  onChange,
}: {
  quietHours: QuietDraft;
  problems: Draft;
  onChange: (quietHours: QuietDraft) => void;
}): ReactNode {
  const { from, to, timeZone, days, passes } = quietHours;
  const set = (changed: Partial<QuietDraft>): void => onChange({ ...quietHours, ...changed });
  return (
    <>
      <div className="side-by-side">
        <TextField
          label="From"
          type="time"
          value={from}
          problem={problems['from']}
          onChange={(value) => set({ from: value })}
        />
        <TextField
          label="Until"
          type="time"
          value={to}
          problem={problems['to']}
          onChange={(value) => set({ to: value })}
        />
      </div>
      <TextField
        label="Time zone"
        value={timeZone}
        placeholder="Europe/Oslo"
        hint="What still fires at their end is told then."
        autoComplete="off"
        onChange={(value) => set({ timeZone: value })}
      />
      <div className="checks" role="group" aria-label="Days on which they begin">
        {DAYS.map(([day, word]) => (
          <label key={day} className="check">
            <input type="checkbox" checked={days.includes(day)} onChange={() => set({ days: toggled(days, day) })} />
            {word}
          </label>
        ))}
      </div>
      {problems['days'] !== undefined && <p className="form-problem">{problems['days']}</p>}
      <div className="checks" role="group" aria-label="Told all the same">
        <span className="field-hint">All the same:</span>
        {SEVERITIES.map(([severity, word]) => (
          <label key={severity} className="check">
            <input
              type="checkbox"
              checked={passes.includes(severity)}
              onChange={() => set({ passes: toggled(passes, severity) })}
            />
            {word}
          </label>
        ))}
      </div>
    </>
  );
}

function toggled<Item>(items: readonly Item[], item: Item): Item[] {
  return items.includes(item) ? items.filter((each) => each !== item) : [...items, item];
}
