// Changes, each with what it was about, who made it, and of each field what it was and is.
import type { ReactNode } from 'react';
import { Moment } from '../../components/time.tsx';
import { actorText } from '../../format/actor.ts';
import { shownChange } from '../../format/field-change.ts';
import { KIND_WORDS, type Change } from './changes-page.tsx';

const OPERATION_WORDS = { CREATED: 'Made', CHANGED: 'Changed', REMOVED: 'Removed' } as const;
const LOGIN_WORDS = { CREATED: 'Began', CHANGED: 'Changed', REMOVED: 'Ended' } as const;

interface ChangeListProps {
  readonly changes: readonly Change[];
  readonly onChoose: (filter: 'object' | 'by', value: string) => void;
}

export function ChangeList({ changes, onChoose }: ChangeListProps): ReactNode {
  return (
    <ul className="change-list">
      {changes.map((change) => (
        <li key={change.id}>
          <span className="when">
            <Moment at={change.at} />
          </span>
          <div className="what">
            <p>
              {(change.kind === 'SESSION' ? LOGIN_WORDS : OPERATION_WORDS)[change.operation]} {KIND_WORDS[change.kind]}{' '}
              <button type="button" className="link-button name" onClick={() => onChoose('object', change.objectId)}>
                {change.objectName ?? change.objectId}
              </button>
            </p>
            <p className="muted">
              <By change={change} onChoose={onChoose} />
              {change.note !== null && `: ${change.note}`}
            </p>
          </div>
          <Fields change={change} />
        </li>
      ))}
    </ul>
  );
}

function By({ change: { by }, onChoose }: { change: Change; onChoose: ChangeListProps['onChoose'] }): ReactNode {
  if (by.id === null) return <>by {actorText(by)}</>;
  const { id } = by;
  return (
    <>
      by{' '}
      <button type="button" className="link-button name" onClick={() => onChoose('by', id)}>
        {actorText(by)}
      </button>
    </>
  );
}

function Fields({ change: { fields } }: { change: Change }): ReactNode {
  return (
    <dl className="field-changes">
      {fields.map(shownChange).map(({ label, before, after }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {before !== '' && (
              <del>
                <span className="sr-only">before: </span>
                {before}
              </del>
            )}
            {before !== '' && after !== '' && <span aria-hidden="true"> → </span>}
            {after !== '' && (
              <ins>
                <span className="sr-only"> since: </span>
                {after}
              </ins>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
