// How long the machine took to answer its gateway, below its other charts. It asks by itself, so that they do not wait for it.
import type { ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { LatencyChart } from '../../charts/latency-chart.tsx';
import { Failure, StaleFailure } from '../../components/messages.tsx';
import { Skeleton } from '../../components/skeleton.tsx';
import { rangePollMs, type RangeName } from '../range.ts';
import { useLastAnswer } from '../use-last-answer.ts';
import { useRange } from '../use-range.ts';
import { WORKER_LATENCY } from './latency-documents.ts';

interface LatencySectionProps {
  readonly name: string;
  readonly rangeName: RangeName;
  /** Of the charts whose cursors move together. */
  readonly syncKey: string;
}

export function LatencySection({ name, rangeName, syncKey }: LatencySectionProps): ReactNode {
  const range = useRange(rangeName);
  const { data, error, refetch } = useQuery(WORKER_LATENCY, { name, range }, { pollMs: rangePollMs(rangeName) });
  const series = useLastAnswer(data?.worker?.latencySeries ?? undefined, rangeName);
  return (
    <section>
      <h3>Time to answer</h3>
      {series ? (
        <>
          {error && <StaleFailure error={error} onRetry={refetch} />}
          <LatencyChart series={series} syncKey={syncKey} />
        </>
      ) : error ? (
        <Failure error={error} onRetry={refetch} />
      ) : (
        <div role="status" aria-label="Loading the time to answer">
          <Skeleton width="100%" height={150} />
        </div>
      )}
    </section>
  );
}
