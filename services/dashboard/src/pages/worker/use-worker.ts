// A worker's current state: the last full answer, with what the subscription has sent since laid over it.
import { useState } from 'react';
import { useQuery, type QueryState } from '../../api/use-query.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import { WORKER, WORKER_LIVE, type LiveWorker, type WorkerDetail } from './worker-documents.ts';

export function useWorker(name: string): QueryState<{ worker: WorkerDetail | null }> {
  const query = useQuery(WORKER, { name }, { pollMs: 10_000 });
  const [pushed, setPushed] = useState<{ live: LiveWorker; receivedAtMs: number }>();
  useSubscription(WORKER_LIVE, { filter: { search: name } }, (message) => {
    // The filter also lets through workers whose names contain this one.
    const live = message.workersChanged.find((worker) => worker.name === name);
    if (live) setPushed({ live, receivedAtMs: Date.now() });
  });
  const worker = query.data?.worker;
  if (!worker || !pushed || pushed.receivedAtMs <= (query.receivedAtMs ?? 0)) return query;
  return { ...query, data: { worker: { ...worker, ...pushed.live } }, receivedAtMs: pushed.receivedAtMs };
}
