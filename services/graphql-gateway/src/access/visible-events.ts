// What of an event somebody is told: where the owner's machines stand is no business of who only holds a share of them.
import type { Visibility } from '@assay/tenancy';

export function shownEvent<Event extends { readonly worker: string; readonly remoteAddress: string }>(
  event: Event,
  visibility: Visibility,
): Event {
  return visibility.seesWhole(event.worker) ? event : { ...event, remoteAddress: '' };
}
