// Who stands where at the dashboard's door, as a pure state machine: what the gateway says, what the person does, and what is shown next.
// Invariants: the pages are shown to nobody whom the gateway has not let in, but while it cannot be asked, when they have nothing to show;
// whoever is at a form is not taken away from it by an answer to a question asked in the background.
import type { AuthState, Owed, Person } from './auth-api.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A one-time link that the address holds. */
export interface EntryLink {
  readonly kind: 'setup' | 'invitation';
  readonly token: string;
}

/** What is to be said on the login page before anything is typed. */
export type LoginNotice = 'password_set' | 'OIDC_REFUSED' | 'OIDC_UNAVAILABLE';

export type Place =
  /** The gateway is being asked. */
  | { readonly at: 'asking' }
  /** It does not answer: the pages say so themselves. */
  | { readonly at: 'away' }
  /** It cannot know yet who may ask. */
  | { readonly at: 'starting' }
  /** Null while the pool is open to everybody. */
  | { readonly at: 'in'; readonly person: Person | null }
  | { readonly at: 'login'; readonly notice?: LoginNotice }
  /** With the credentials that wait for a code, or null when it is the session that owes one. */
  | { readonly at: 'code'; readonly credentials: Credentials | null }
  | { readonly at: 'enrolment'; readonly required: boolean }
  | { readonly at: 'link'; readonly link: EntryLink };

export interface Door {
  readonly place: Place;
  /** The provider that vouches for people, where there is one. */
  readonly oidc: string | null;
}

export type DoorEvent =
  | { readonly type: 'told'; readonly state: AuthState }
  | { readonly type: 'untold' }
  | { readonly type: 'code_wanted'; readonly credentials: Credentials }
  /** From the code to the login, or away from a link. */
  | { readonly type: 'back' }
  | { readonly type: 'let_in'; readonly owed: Owed | null }
  /** By a link: the moment to offer a second factor. */
  | { readonly type: 'account_made'; readonly owed: Owed | null }
  /** By a link, of somebody who still has to log in. */
  | { readonly type: 'password_set' }
  /** With the second factor, or without. */
  | { readonly type: 'enrolment_over' }
  | { readonly type: 'linked'; readonly link: EntryLink };

/** Where one starts, by the fragment of the address. */
export function doorAt(hash: string): Door {
  const link = linkIn(hash);
  if (link !== undefined) return { place: { at: 'link', link }, oidc: null };
  const notice = noticeIn(hash);
  return { place: notice === undefined ? { at: 'asking' } : { at: 'login', notice }, oidc: null };
}

export function step(door: Door, event: DoorEvent): Door {
  switch (event.type) {
    case 'told': {
      const oidc = event.state.oidc?.name ?? null;
      return { place: isAtForm(door.place) ? door.place : placeTold(door.place, event.state), oidc };
    }
    case 'untold':
      return door.place.at === 'asking' ? { ...door, place: { at: 'away' } } : door;
    case 'code_wanted':
      return { ...door, place: { at: 'code', credentials: event.credentials } };
    case 'back':
      return { ...door, place: door.place.at === 'code' ? { at: 'login' } : { at: 'asking' } };
    case 'let_in':
      return { ...door, place: placeOwed(event.owed) ?? { at: 'asking' } };
    case 'account_made':
      return { ...door, place: placeOwed(event.owed) ?? { at: 'enrolment', required: false } };
    case 'password_set':
      return { ...door, place: { at: 'login', notice: 'password_set' } };
    case 'enrolment_over':
      return { ...door, place: { at: 'asking' } };
    case 'linked':
      return { ...door, place: { at: 'link', link: event.link } };
  }
}

export function linkIn(hash: string): EntryLink | undefined {
  const match = /^#(setup|invitation)=([\w-]{1,100})$/.exec(hash);
  return match ? { kind: match[1] as EntryLink['kind'], token: match[2]! } : undefined;
}

function noticeIn(hash: string): LoginNotice | undefined {
  return /^#login=(OIDC_REFUSED|OIDC_UNAVAILABLE)$/.exec(hash)?.[1] as LoginNotice | undefined;
}

/** Where somebody is doing something that an answer in the background must not end: recovery codes are shown only once. */
function isAtForm(place: Place): boolean {
  return place.at === 'link' || place.at === 'enrolment' || (place.at === 'code' && place.credentials !== null);
}

function placeTold(before: Place, { known, open, owed, user }: AuthState): Place {
  if (!known) return { at: 'starting' };
  if (open) return { at: 'in', person: null };
  // The same place again, so that what it says stays.
  if (user === null) return before.at === 'login' ? before : { at: 'login' };
  return placeOwed(owed) ?? { at: 'in', person: user };
}

function placeOwed(owed: Owed | null): Place | undefined {
  switch (owed) {
    case 'code':
      return { at: 'code', credentials: null };
    case 'enrolment':
      return { at: 'enrolment', required: true };
    case null:
      return undefined;
  }
}
