// The table's rows for a question, kept across visits: coming back from a worker's page finds the same rows at the same place.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useFreshness } from '../../api/freshness.tsx';
import { useSocketState } from '../../api/live-socket.ts';
import { request } from '../../api/client.ts';
import { useSubscription } from '../../api/use-subscription.ts';
import type { WorkerFilter } from '../../api/schema-types.ts';
import { WorkerRows, type RowsQuestion, type RowsState } from './worker-rows.ts';
import { WORKER_ROWS, WORKERS_CHANGED } from './workers-documents.ts';

/** Uptime and the share counts of 24 hours are not pushed; they move slowly. */
const VALUES_EVERY_MS = 120_000;

const kept = new WorkerRows(async (question, signal) => (await request(WORKER_ROWS, question, signal)).data.workers);

export function useWorkerRows(
  question: RowsQuestion,
  liveFilter: WorkerFilter,
): { state: RowsState; reorder: () => void } {
  const state = useSyncExternalStore(kept.subscribe, kept.state);
  const key = JSON.stringify(question);
  const latest = useRef(question);
  latest.current = question;

  useEffect(() => {
    void kept.show(latest.current);
    return () => kept.pause();
  }, [key]);

  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) void kept.refreshValues();
    }, VALUES_EVERY_MS);
    return () => clearInterval(timer);
  }, []);

  useSubscription(WORKERS_CHANGED, { filter: liveFilter }, (message) => kept.patch(message.workersChanged));

  const socket = useSocketState();
  const wasLost = useRef(false);
  useEffect(() => {
    // What changed while the socket was away was never sent.
    if (socket === 'open' && wasLost.current) void kept.refreshValues();
    wasLost.current = socket === 'lost';
  }, [socket]);

  const { state: freshness } = useFreshness();
  const failed = state.error?.retriable ?? false;
  useEffect(() => {
    if (freshness === 'live' && failed) void kept.reorder();
  }, [freshness, failed]);

  return { state, reorder: () => void kept.reorder() };
}
