// A worker's status as shape, colour and word, so that none of the three is needed alone. When the page is not live it says what was last known.
import type { ReactNode } from 'react';
import { useFreshness } from '../api/freshness.tsx';
import type { WorkerStatus } from '../api/schema-types.ts';

const WORDS: Record<WorkerStatus, string> = { ONLINE: 'Online', SILENT: 'Silent', OFFLINE: 'Offline' };
export const STATUS_MEANING: Record<WorkerStatus, string> = {
  ONLINE: 'Connected and sending shares.',
  SILENT: 'Connected, but without an accepted share for longer than is plausible.',
  OFFLINE: 'Not connected.',
};

export function StatusIcon({ status }: { status: WorkerStatus }): ReactNode {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      {status === 'ONLINE' && <circle cx="5" cy="5" r="4.5" fill="currentColor" />}
      {status === 'SILENT' && <path d="M5 0.3 9.7 5 5 9.7 0.3 5Z" fill="currentColor" />}
      {status === 'OFFLINE' && (
        <rect x="1.2" y="1.2" width="7.6" height="7.6" rx="1" fill="none" stroke="currentColor" strokeWidth="2" />
      )}
    </svg>
  );
}

export function StatusBadge({ status }: { status: WorkerStatus }): ReactNode {
  const { state } = useFreshness();
  const known = state === 'live' || state === 'starting';
  return (
    <span className={`badge ${known ? status.toLowerCase() : 'known'}`} title={STATUS_MEANING[status]}>
      <StatusIcon status={status} />
      {known ? WORDS[status] : `Was ${WORDS[status].toLowerCase()}`}
    </span>
  );
}
