// The grid: a week a column, Monday on top. One cell has the focus and the arrow keys move it; what the cell says stands above, and is its name.
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { CellKind } from '../fleet/cell-kinds.ts';
import { DAY_BY, dayKind, dayKinds, dayWords, WEEKS, type CalendarDay, type DayBy } from './calendar.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const MOVES: Record<string, readonly [weeks: number, days: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Place {
  readonly week: number;
  readonly day: number;
}

interface CalendarGridProps {
  readonly weeks: readonly (readonly CalendarDay[])[];
  readonly by: DayBy;
  readonly label: string;
}

export function CalendarGrid({ weeks, by, label }: CalendarGridProps): ReactNode {
  const today = weeks.at(-1)!.findIndex(({ isUnderWay }) => isUnderWay);
  const [place, setPlace] = useState<Place>({ week: WEEKS - 1, day: Math.max(0, today) });
  const [pointed, setPointed] = useState<CalendarDay>();
  const [hasFocus, setHasFocus] = useState(false);
  const shown = pointed ?? (hasFocus ? weeks[place.week]![place.day] : undefined);
  const table = useRef<HTMLTableElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(place, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setPointed(undefined);
    table.current?.querySelector<HTMLElement>(`[data-place="${next.week} ${next.day}"]`)?.focus();
  };
  return (
    <figure>
      <figcaption className="reading">{shown ? <Reading day={shown} /> : <Legend by={by} />}</figcaption>
      <table
        className="calendar-grid"
        role="grid"
        aria-label={label}
        ref={table}
        onKeyDown={onKeyDown}
        onMouseLeave={() => setPointed(undefined)}
      >
        <thead>
          <tr>
            <td />
            {weeks.map(([monday], week) => (
              <th key={monday!.date} scope="col">
                <span className="sr-only">Week of {monday!.date}</span>
                <span aria-hidden="true">{monthLabel(weeks, week)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {WEEKDAYS.map((weekday, day) => (
            <tr key={weekday}>
              <th scope="row">
                <span className="sr-only">{weekday}</span>
                <span aria-hidden="true">{day % 2 === 0 ? weekday.slice(0, 3) : ''}</span>
              </th>
              {weeks.map((days, week) => (
                <Cell
                  key={days[day]!.date}
                  day={days[day]!}
                  by={by}
                  place={`${week} ${day}`}
                  isFocusable={place.week === week && place.day === day}
                  onPoint={() => setPointed(days[day])}
                  onFocus={() => {
                    setPlace({ week, day });
                    setHasFocus(true);
                  }}
                  onBlur={() => setHasFocus(false)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

interface CellProps {
  readonly day: CalendarDay;
  readonly by: DayBy;
  readonly place: string;
  readonly isFocusable: boolean;
  readonly onPoint: () => void;
  readonly onFocus: () => void;
  readonly onBlur: () => void;
}

function Cell({ day, by, place, isFocusable, onPoint, onFocus, onBlur }: CellProps): ReactNode {
  return (
    <td
      data-place={place}
      tabIndex={isFocusable ? 0 : -1}
      aria-label={`${day.date}: ${dayWords(day, by)}`}
      className={day.isUnderWay ? 'today' : ''}
      onMouseEnter={onPoint}
      onFocus={onFocus}
      onBlur={onBlur}
    >
      {day.point !== undefined && <Swatch kind={dayKind(day, by)} />}
    </td>
  );
}

function Swatch({ kind: { colour, mark } }: { kind: CellKind }): ReactNode {
  return <span className={`swatch mark-${mark} ${colour.slice(2)}`} aria-hidden="true" />;
}

function Reading({ day }: { day: CalendarDay }): ReactNode {
  return (
    <>
      <strong>
        {day.date}
        {day.isUnderWay ? ', so far' : ''}
      </strong>
      {day.point === undefined ? (
        <span className="muted">nothing known</span>
      ) : (
        DAY_BY.map((by) => <span key={by}>{dayWords(day, by)}</span>)
      )}
    </>
  );
}

function Legend({ by }: { by: DayBy }): ReactNode {
  return dayKinds(by).map((kind) => (
    <span key={kind.words} className="calendar-key">
      <Swatch kind={kind} /> {kind.words}
    </span>
  ));
}

/** Of a week in which a month begins, its name; the first week's where that leaves room for the next. */
function monthLabel(weeks: CalendarGridProps['weeks'], week: number): string {
  const month = (index: number): number => new Date(weeks[index]!.at(-1)!.atMs).getUTCMonth();
  const isNew = week > 0 ? month(week) !== month(week - 1) : month(0) === month(1) && month(0) === month(2);
  return isNew
    ? new Date(weeks[week]!.at(-1)!.atMs).toLocaleDateString('en-GB', { month: 'short', timeZone: 'UTC' })
    : '';
}

function moved({ week, day }: Place, key: string): Place | undefined {
  if (key === 'Home') return { week: 0, day };
  if (key === 'End') return { week: WEEKS - 1, day };
  const move = MOVES[key];
  if (move === undefined) return undefined;
  const within = (value: number, end: number): number => Math.min(end, Math.max(0, value));
  return { week: within(week + move[0], WEEKS - 1), day: within(day + move[1], 6) };
}
