import { expect, it } from 'vitest';
import type { PartitionSession } from './event-log.ts';
import { runHandler } from './run-handler.ts';

it('starts a handler that threw or returned again after each pause, and ends when the signal aborts', async () => {
  const abort = new AbortController();
  const session = { signal: abort.signal } as PartitionSession;
  const events: string[] = [];
  let runs = 0;
  const handle = async (): Promise<void> => {
    events.push(`run ${++runs}`);
    if (runs === 1) throw new Error('first');
    if (runs === 3) abort.abort();
  };
  await runHandler(
    session,
    handle,
    (error) => events.push(String(error)),
    async () => void events.push('pause'),
  );
  expect(events).toEqual(['run 1', 'Error: first', 'pause', 'run 2', 'pause', 'run 3']);
});
