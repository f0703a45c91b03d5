// The machines that need somebody, worst first: what an operator opens the page for.
import type { ReactNode } from 'react';
import { ContributionBar } from '../../components/contribution-bar.tsx';
import { Failure, Nothing } from '../../components/messages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SkeletonLines } from '../../components/skeleton.tsx';
import { Age } from '../../components/time.tsx';
import { useQuery } from '../../api/use-query.ts';
import { formatInvalid } from '../../format/fraction.ts';
import { formatHashRate } from '../../format/hash-rate.ts';
import { formatCount, formatQuantity } from '../../format/number.ts';
import { formatReason } from '../../format/reason.ts';
import { Link } from '../../router/link.tsx';
import { workerPath, workersPath } from '../../router/routes.ts';
import { useTenant } from '../../router/tenant.ts';
import { REJECTING, TROUBLED, type RejectingWorker, type TroubledWorker } from './overview-documents.ts';
import { troubleGroups, type TroubleGroup, type TroubleKind } from './trouble.ts';

const KIND: Record<TroubleKind, { title: string; meaning: string; all: string }> = {
  silent: {
    title: 'Silent',
    meaning: 'connected, but no accepted share for longer than is plausible',
    all: workersPath({ status: 'SILENT', sort: 'LAST_SHARE', dir: 'DESC' }),
  },
  offline: {
    title: 'Offline',
    meaning: 'not connected, the latest lost first',
    all: workersPath({ status: 'OFFLINE', sort: 'LAST_SHARE', dir: 'DESC' }),
  },
  low: {
    title: 'Below expectation',
    meaning: 'the whole 95 % interval of the last hour is below 95 %',
    all: workersPath({ status: 'ONLINE', sort: 'CONTRIBUTION', dir: 'ASC' }),
  },
  invalid: {
    title: 'Rejected shares',
    meaning: '2 % or more of the last 24 h',
    all: workersPath({ sort: 'INVALID', dir: 'DESC' }),
  },
};

export function AttentionPanel(): ReactNode {
  const tenant = useTenant();
  const { data, error, refetch } = useQuery(TROUBLED, { tenant }, { pollMs: 10_000 });
  const { data: rejecting } = useQuery(REJECTING, { tenant }, { pollMs: 15_000 });
  const groups = data ? troubleGroups(data, rejecting?.workers) : [];
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  return (
    <Panel
      title="Needs attention"
      className="attention"
      end={
        data && total > 0 ? (
          <span className="muted">
            {formatQuantity(total, 'machine')}
            {groups.some((group) => group.atLeast) ? ' or more' : ''}
          </span>
        ) : undefined
      }
    >
      {!data && error && <Failure error={error} onRetry={refetch} />}
      {!data && !error && <SkeletonLines lines={9} />}
      {data && groups.length === 0 && (
        <Nothing title="Nothing needs attention">
          <p>Every machine is connected, sending shares, and within its expectation.</p>
        </Nothing>
      )}
      {groups.map((group) => (
        <Group key={group.kind} group={group} />
      ))}
    </Panel>
  );
}

function Group({ group }: { group: TroubleGroup }): ReactNode {
  const { title, meaning, all } = KIND[group.kind];
  return (
    <section className={`trouble ${group.kind}`}>
      <div className="trouble-title">
        <h3>
          {title}{' '}
          <span className="trouble-count">
            {formatCount(group.count)}
            {group.atLeast ? '+' : ''}
          </span>
        </h3>
        <span className="muted meaning">{meaning}</span>
        <Link to={all} aria-label={`See all: ${title.toLowerCase()}`}>
          See all
        </Link>
      </div>
      <ul>
        {group.kind === 'invalid'
          ? group.workers.map((worker) => (
              <Machine key={worker.name} name={worker.name}>
                <Rejects worker={worker} />
              </Machine>
            ))
          : group.workers.map((worker) => (
              <Machine key={worker.name} name={worker.name}>
                {group.kind === 'low' ? (
                  worker.contribution && <ContributionBar contribution={worker.contribution} />
                ) : (
                  <LastSeen worker={worker} />
                )}
              </Machine>
            ))}
      </ul>
    </section>
  );
}

function Machine({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <li>
      <Link to={workerPath(name)} className="name">
        {name}
      </Link>
      <span className="problem">{children}</span>
    </li>
  );
}

function LastSeen({ worker }: { worker: TroubledWorker }): ReactNode {
  return (
    <>
      {worker.lastShareAt === null ? (
        'no share yet'
      ) : (
        <>
          last share <Age since={worker.lastShareAt} /> ago
        </>
      )}
      {worker.expectedHashRate !== null && (
        <span className="muted"> · {formatHashRate(worker.expectedHashRate)} missing</span>
      )}
    </>
  );
}

function Rejects({ worker: { shares } }: { worker: RejectingWorker }): ReactNode {
  const main = shares?.byReason[0];
  return (
    <>
      {formatInvalid(shares?.invalidFraction ?? null)} rejected
      {main && <span className="muted"> · mostly {formatReason(main.reason)}</span>}
    </>
  );
}
