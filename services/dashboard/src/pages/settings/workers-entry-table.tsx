// Workers' entries in rows, of which some can be chosen.
import type { ReactNode } from 'react';
import { Cell, HeadCell, RowHead, Table, TableBody, TableHead, TableRow } from '../../components/table.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { Age, Moment } from '../../components/time.tsx';
import { STANDING_WORDS } from '../../entry-form/worker-specs.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { Link } from '../../router/link.tsx';
import { workerPath } from '../../router/routes.ts';
import type { WorkerEntryRow } from './workers-documents.ts';

const TITLES = ['Worker', 'Standing', 'Model', 'Expected', 'Owner', 'Tags', 'Status', 'Last share', 'Entered'];

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
    <Table label="Workers" className="entry-table">
      <TableHead>
        {onChoose && (
          <HeadCell className="choose">
            <input
              type="checkbox"
              aria-label="Choose all that are shown"
              checked={isEvery}
              onChange={() => onChoose(isEvery ? [] : rows.map(({ name }) => name))}
            />
          </HeadCell>
        )}
        {TITLES.map((title) => (
          <HeadCell key={title} isNumber={title === 'Expected'}>
            {title}
          </HeadCell>
        ))}
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.name} className={chosen.has(row.name) ? 'is-open' : undefined}>
            {onChoose && (
              <Cell title="" className="choose">
                <input
                  type="checkbox"
                  aria-label={`Choose ${row.name}`}
                  checked={chosen.has(row.name)}
                  onChange={() => toggle(row.name)}
                />
              </Cell>
            )}
            <RowHead>
              <Link to={workerPath(row.name)}>{row.name}</Link>
            </RowHead>
            <Cell title="Standing">
              <StandingTag standing={row.standing} />
            </Cell>
            <Cell title="Model">{row.model}</Cell>
            <Cell title="Expected" isNumber>
              {row.expectedHashRate !== null && formatHashRate(row.expectedHashRate)}
            </Cell>
            <Cell title="Owner">{row.owner}</Cell>
            <Cell title="Tags">
              {row.tags.map((tag) => (
                <span key={tag} className="tag">
                  {tag}
                </span>
              ))}
            </Cell>
            <Cell title="Status">
              {row.status === null ? <span className="muted">never seen</span> : <StatusBadge status={row.status} />}
            </Cell>
            <Cell title="Last share">{row.lastShareAt !== null && <Age since={row.lastShareAt} />}</Cell>
            <Cell title="Entered">
              <Moment at={row.createdAt} />
            </Cell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

const TONES = { ACTIVE: '', QUARANTINED: 'warn', RETIRED: 'bad' } as const;

export function StandingTag({ standing }: { standing: WorkerEntryRow['standing'] }): ReactNode {
  return <span className={`tag ${TONES[standing]}`}>{STANDING_WORDS[standing]}</span>;
}
