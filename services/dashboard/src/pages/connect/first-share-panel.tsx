// Watches for a worker by name and ticks off the way to its first trusted number.
import type { ReactNode } from 'react';
import { graphql } from '@assay/api-client';
import { useQuery } from '../../api/use-query.ts';
import { HashRateValue } from '../../components/hash-rate-value.tsx';
import { Panel } from '../../components/panel.tsx';
import { Age } from '../../components/time.tsx';
import { formatDifficulty, formatQuantity } from '../../format/number.ts';
import { formatReason } from '../../format/reason.ts';
import { Link } from '../../router/link.tsx';
import { workerPath } from '../../router/routes.ts';
import { firstShareSteps, type SeenWorker, type StepState } from './first-share.ts';

const SEEN = graphql(`
  query FirstShare($name: String!) {
    worker(name: $name) {
      status
      lastShareAt
      userAgent
      difficulty
      expectedHashRate
      hashRate(window: M5) {
        hashRate
        low
        high
      }
      contribution(window: H1) {
        fraction
        low
        high
      }
      shares(hours: 24) {
        accepted
        rejected
        byReason {
          reason
          count
        }
      }
    }
  }
`);

export function FirstSharePanel({ name }: { name: string }): ReactNode {
  const { data, error } = useQuery(SEEN, { name }, { pollMs: 2_000, enabled: name !== '' });
  const worker = data?.worker ?? null;
  const steps = firstShareSteps(worker);
  const done = steps.every((step) => step.state === 'done');
  return (
    <Panel title="First share" className="first-share">
      <div className="panel-body">
        <p className="watching">
          {name === '' ? (
            'Name the worker to watch for it.'
          ) : (
            <>
              Watching for <code>{name}</code>
            </>
          )}
        </p>
        <ol className="steps" aria-live="polite">
          {steps.map((step, index) => (
            <li key={step.title} className={step.state}>
              <StepMark state={step.state} number={index + 1} />
              <span>
                {step.title}
                <span className="step-detail">
                  <StepDetail index={index} worker={worker} />
                </span>
              </span>
            </li>
          ))}
        </ol>
        {error && (
          <p className="muted">
            Cannot ask the pool right now: {error.message} <code>{error.code}</code>
          </p>
        )}
        {worker && (
          <Link to={workerPath(name)} className={`button ${done ? 'primary' : ''}`}>
            Open its page
          </Link>
        )}
      </div>
    </Panel>
  );
}

function StepMark({ state, number }: { state: StepState; number: number }): ReactNode {
  return (
    <span className="step-mark">
      {state === 'done' ? (
        <svg
          width="14"
          height="14"
          viewBox="0 0 14 14"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.2"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
        >
          <path d="M2.5 7.5 5.7 10.7 11.5 3.8" />
        </svg>
      ) : (
        <span aria-hidden="true">{state === 'trouble' ? '!' : number}</span>
      )}
      <span className="sr-only">{state === 'done' ? 'Done: ' : state === 'trouble' ? 'Trouble: ' : 'Waiting: '}</span>
    </span>
  );
}

function StepDetail({ index, worker }: { index: number; worker: SeenWorker | null }): ReactNode {
  if (worker === null) return index === 0 ? 'Not seen yet. Check the address, the port and the firewall.' : null;
  const shares = worker.shares ?? { accepted: 0, rejected: 0, byReason: [] };
  switch (index) {
    case 0:
      return worker.status === 'OFFLINE'
        ? 'It was here, but is not connected now.'
        : `${worker.userAgent === '' ? 'Miner' : worker.userAgent}, difficulty ${formatDifficulty(worker.difficulty)}`;
    case 1: {
      if (shares.accepted > 0)
        return (
          worker.lastShareAt && (
            <>
              {formatQuantity(shares.accepted, 'share')}, the last <Age since={worker.lastShareAt} /> ago
            </>
          )
        );
      if (shares.rejected === 0)
        return 'At a high difficulty a slow machine needs some minutes; lower it with d= in the password.';
      return `All ${shares.rejected} so far were rejected: ${shares.byReason.map(({ reason }) => formatReason(reason)).join(', ')}.`;
    }
    case 2:
      return worker.hashRate && worker.hashRate.hashRate > 0 && <HashRateValue rate={worker.hashRate} />;
    default:
      return shares.accepted > 0 && shares.accepted < 96
        ? `${shares.accepted} of 96: the interval narrows with every share.`
        : null;
  }
}
