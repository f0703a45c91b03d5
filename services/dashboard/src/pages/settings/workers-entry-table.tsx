// Workers' entries in rows, of which some can be chosen.
import type { ReactNode } from 'react';
import { StatusBadge } from '../../components/status-badge.tsx';
import { Age, Moment } from '../../components/time.tsx';
import { STANDING_WORDS } from '../../entry-form/worker-specs.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { Link } from '../../router/link.tsx';
import { workerPath } from '../../router/routes.ts';
import type { WorkerEntryRow } from './workers-documents.ts';

interface WorkersEntryTableProps {
  readonly rows: readonly WorkerEntryRow[];
  readonly chosen: ReadonlySet<string>;
  /** Undefined where nothing may be changed. */
  readonly onChoose: ((names: Iterable<string>) => void) | undefined;
}

export function WorkersEntryTable({ rows, chosen, onChoose }: WorkersEntryTableProps): ReactNode {
  const isEvery = rows.every(({ name }) => chosen.has(name));
  const toggle = (name: string): void =>
    onChoose?.(chosen.has(name) ? [...chosen].filter((each) => each !== name) : [...chosen, name]);
  return (
    <div className="scroll-x" role="region" aria-label="Workers" tabIndex={0}>
      <table className="simple-table entry-table">
        <thead>
          <tr>
            {onChoose && (
              <th scope="col" className="choose">
                <input
                  type="checkbox"
                  aria-label="Choose all that are shown"
                  checked={isEvery}
                  onChange={() => onChoose(isEvery ? [] : rows.map(({ name }) => name))}
                />
              </th>
            )}
            <th scope="col">Worker</th>
            <th scope="col">Standing</th>
            <th scope="col">Model</th>
            <th scope="col" className="number">
              Expected
            </th>
            <th scope="col">Owner</th>
            <th scope="col">Tags</th>
            <th scope="col">Status</th>
            <th scope="col">Last share</th>
            <th scope="col">Entered</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} className={chosen.has(row.name) ? 'is-open' : undefined}>
              {onChoose && (
                <td className="choose">
                  <input
                    type="checkbox"
                    aria-label={`Choose ${row.name}`}
                    checked={chosen.has(row.name)}
                    onChange={() => toggle(row.name)}
                  />
                </td>
              )}
              <th scope="row">
                <Link to={workerPath(row.name)}>{row.name}</Link>
              </th>
              <td>
                <StandingTag standing={row.standing} />
              </td>
              <td>{row.model}</td>
              <td className="number">{row.expectedHashRate !== null && formatHashRate(row.expectedHashRate)}</td>
              <td>{row.owner}</td>
              <td>
                {row.tags.map((tag) => (
                  <span key={tag} className="tag">
                    {tag}
                  </span>
                ))}
              </td>
              <td>
                {row.status === null ? <span className="muted">never seen</span> : <StatusBadge status={row.status} />}
              </td>
              <td>{row.lastShareAt !== null && <Age since={row.lastShareAt} />}</td>
              <td>
                <Moment at={row.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const TONES = { ACTIVE: '', QUARANTINED: 'warn', RETIRED: 'bad' } as const;

export function StandingTag({ standing }: { standing: WorkerEntryRow['standing'] }): ReactNode {
  return <span className={`tag ${TONES[standing]}`}>{STANDING_WORDS[standing]}</span>;
}
