// When what is expected of the machine changed, as text: those marked in the chart by their numbers, earlier ones on demand.
import type { ReactNode } from 'react';
import { Moment } from '../../components/time.tsx';
import { formatQuantity } from '../../format/number.ts';
import { changeText, sourceText } from './expectation-text.ts';
import type { MarkedChanges } from './use-marks.ts';
import type { ExpectationChange } from './worker-documents.ts';

export function ExpectationChanges({ numbered, earlier }: Omit<MarkedChanges, 'marks'>): ReactNode {
  if (numbered.length + earlier.length === 0) return null;
  return (
    <div className="mark-lists">
      {numbered.length > 0 && (
        <ol className="mark-list" aria-label="Changes of what is expected, marked in the chart">
          {numbered.map((change) => (
            <Change key={change.id} change={change} />
          ))}
        </ol>
      )}
      {earlier.length > 0 && (
        <details>
          <summary>{formatQuantity(earlier.length, 'earlier change')} of what is expected</summary>
          <ul className="mark-list" aria-label="Earlier changes of what is expected">
            {earlier.map((change) => (
              <Change key={change.id} change={change} />
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Change({ change }: { change: ExpectationChange }): ReactNode {
  return (
    <li>
      <Moment at={change.at} />: {changeText(change)} <span className="muted">{sourceText(change)}</span>
    </li>
  );
}
