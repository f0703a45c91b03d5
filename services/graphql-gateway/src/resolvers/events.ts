// Events as the schema spells them, each with a sentence for people.
import { shownEvent } from '../access/visible-events.ts';
import { pageSize } from '../argument-bounds.ts';
import type { Moment } from '../operation/moment.ts';
import type { Visibility } from '@assay/tenancy';
import { eventsPage, type EventType, type PoolEvent } from '../queries/events.ts';
import { decodeCursor, encodeCursor } from '../workers/cursor.ts';
import { EVERY_EVENT_TYPE } from './enums.ts';

const ORDER = 'EVENTS:DESC';

export interface EventsArguments {
  readonly tenant?: string | null;
  readonly worker?: string | null;
  readonly types?: readonly EventType[] | null;
  readonly first: number | null;
  readonly after?: string | null;
}

/** One page of events. Throws ClientError BAD_USER_INPUT or INVALID_CURSOR. */
export async function eventConnection({ store, visibility }: Moment, args: EventsArguments): Promise<object> {
  const first = pageSize(args.first);
  const after = typeof args.after === 'string' ? decodeCursor(args.after, ORDER) : undefined;
  // One more than asked for tells whether there is a next page.
  const found = await eventsPage(store, {
    tenant: args.tenant ?? undefined,
    worker: args.worker ?? undefined,
    types: args.types ?? EVERY_EVENT_TYPE,
    after: after && { atUs: after.value ?? 0, id: after.key },
    limit: first + 1,
  });
  const events = found.slice(0, first);
  const last = events.at(-1);
  return {
    nodes: events.map((event) => eventValue(event, visibility)),
    pageInfo: {
      hasNextPage: found.length > first,
      endCursor: last ? encodeCursor({ order: ORDER, value: last.atUs, key: last.id }) : null,
    },
  };
}

export function eventValue(whole: PoolEvent, visibility: Visibility): object {
  const event = shownEvent(whole, visibility);
  const { id, atUs, type, gateway } = event;
  return {
    id,
    at: atUs,
    type,
    tenant: event.tenant || null,
    worker: event.worker || null,
    gateway,
    detail: sentence(event),
  };
}

function sentence(event: PoolEvent): string {
  switch (event.type) {
    case 'authorized':
      return `Connected${event.remoteAddress === '' ? '' : ` from ${event.remoteAddress}`} with ${event.userAgent || 'an unnamed miner'} at difficulty ${event.difficulty}.`;
    case 'disconnected':
      return `Disconnected: ${event.reason || 'no reason given'}.`;
    case 'reject_burst':
      return `${event.rejected} of ${event.rejected + event.accepted} shares within a minute were rejected, most as ${event.reason}.`;
    case 'gateway_started':
      return `Gateway ${event.gateway} started; connections it had before are gone.`;
    case 'integrity':
      return event.accepted > 0
        ? `Validators rejected ${event.accepted} shares that gateway ${event.gateway} had accepted: ${event.reason}.`
        : `Validators accepted ${event.rejected} shares that gateway ${event.gateway} had rejected: ${event.reason.replace('refuted_', '')}.`;
  }
}
