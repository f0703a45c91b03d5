// Events, newest first: what happened, to whom, when, and the detail below.
import type { ReactNode } from 'react';
import type { EventType, PoolEvent } from '../api/schema-types.ts';
import { eventDetail } from '../format/event-detail.ts';
import { Link } from '../router/link.tsx';
import { workerPath } from '../router/routes.ts';
import { Moment } from './time.tsx';

export const EVENT_WORDS: Record<EventType, string> = {
  CONNECTED: 'Connected',
  DISCONNECTED: 'Disconnected',
  REJECT_BURST: 'Reject burst',
  GATEWAY_STARTED: 'Gateway started',
  INTEGRITY: 'Judged unlike',
};

const ICON_PATHS: Record<EventType, string> = {
  CONNECTED: 'M2 7.5 5.5 11 12 3.5',
  DISCONNECTED: 'M3 3 11 11 M11 3 3 11',
  REJECT_BURST: 'M7 2v6 M7 11v0.5',
  GATEWAY_STARTED: 'M7 12V2.5 M2.8 6.5 7 2.3l4.2 4.2',
  INTEGRITY: 'M2.5 5h9 M2.5 9h9 M9.5 2.5l-5 9',
};

function EventIcon({ type }: { type: EventType }): ReactNode {
  return (
    <svg
      className={`event-icon ${type}`}
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={ICON_PATHS[type]} />
    </svg>
  );
}

interface EventListProps {
  readonly events: readonly PoolEvent[];
  readonly showWorker?: boolean;
  /** One line per event where there is room, in columns. */
  readonly wide?: boolean;
}

export function EventList({ events, showWorker = true, wide = false }: EventListProps): ReactNode {
  return (
    <ul className={`event-list ${wide ? 'wide' : ''}`}>
      {events.map((event) => (
        <li key={event.id}>
          <EventIcon type={event.type} />
          <span className="what">
            <span className="word">{EVENT_WORDS[event.type]}</span>{' '}
            {showWorker && event.worker !== null && <Link to={workerPath(event.worker)}>{event.worker}</Link>}
            {event.worker === null && <span className="muted">{event.gateway}</span>}
          </span>
          <span className="when">
            <Moment at={event.at} />
          </span>
          <span className="detail">{eventDetail(EVENT_WORDS[event.type], event.detail)}</span>
        </li>
      ))}
    </ul>
  );
}
