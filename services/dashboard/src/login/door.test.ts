import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuthState } from './auth-api.ts';
import { doorAt, linkIn, step, type Door, type DoorEvent, type Place } from './door.ts';

const ANN = { id: 'usr_ann', name: 'Ann', email: 'ann@example.org' };
const NOBODY: AuthState = { known: true, open: false, setup: false, oidc: null, owed: null, user: null };
const IN: AuthState = { ...NOBODY, user: ANN };
const OPEN: AuthState = { ...NOBODY, open: true };
const CREDENTIALS = { email: ANN.email, password: 'seven quiet rivers' };

const door = (place: Place): Door => ({ place, oidc: null });
const told = (place: Place, state: AuthState): Place => step(door(place), { type: 'told', state }).place;

describe('the door', () => {
  it('asks first, but where the address says what to show', () => {
    expect(doorAt('').place).toEqual({ at: 'asking' });
    expect(doorAt('#content').place).toEqual({ at: 'asking' });
    expect(doorAt('#setup=aB-_9').place).toEqual({ at: 'link', link: { kind: 'setup', token: 'aB-_9' } });
    expect(doorAt('#invitation=x').place).toEqual({ at: 'link', link: { kind: 'invitation', token: 'x' } });
    expect(doorAt('#login=OIDC_REFUSED').place).toEqual({ at: 'login', notice: 'OIDC_REFUSED' });
    expect(linkIn('#setup=')).toBeUndefined();
    expect(linkIn('#setup=<script>')).toBeUndefined();
  });

  it('goes where the gateway says', () => {
    expect(told({ at: 'asking' }, OPEN)).toEqual({ at: 'in', person: null });
    expect(told({ at: 'asking' }, IN)).toEqual({ at: 'in', person: ANN });
    expect(told({ at: 'asking' }, NOBODY)).toEqual({ at: 'login' });
    expect(told({ at: 'asking' }, { ...NOBODY, known: false })).toEqual({ at: 'starting' });
    expect(told({ at: 'asking' }, { ...IN, owed: 'code' })).toEqual({ at: 'code', credentials: null });
    expect(told({ at: 'asking' }, { ...IN, owed: 'enrolment' })).toEqual({ at: 'enrolment', required: true });
    expect(step(door({ at: 'asking' }), { type: 'told', state: { ...NOBODY, oidc: { name: 'Farm' } } }).oidc).toBe(
      'Farm',
    );
  });

  it('shows the pages, which say so themselves, when nobody answers; and keeps who is in', () => {
    expect(step(door({ at: 'asking' }), { type: 'untold' }).place).toEqual({ at: 'away' });
    const inside = door({ at: 'in', person: ANN });
    expect(step(inside, { type: 'untold' })).toBe(inside);
    const outside = door({ at: 'login' });
    expect(step(outside, { type: 'untold' })).toBe(outside);
  });

  it('asks for a login when the session has ended, and keeps what the login page says', () => {
    expect(told({ at: 'in', person: ANN }, NOBODY)).toEqual({ at: 'login' });
    expect(told({ at: 'login', notice: 'password_set' }, NOBODY)).toEqual({ at: 'login', notice: 'password_set' });
  });

  it('does not take away the form that somebody is at', () => {
    const forms: Place[] = [
      { at: 'link', link: { kind: 'setup', token: 't' } },
      { at: 'code', credentials: CREDENTIALS },
      { at: 'enrolment', required: false },
      // Its recovery codes may be on the screen, and the session not owe it any more.
      { at: 'enrolment', required: true },
    ];
    for (const place of forms) for (const state of [OPEN, IN, NOBODY]) expect(told(place, state)).toEqual(place);
    // The session that owed it may have ended.
    expect(told({ at: 'code', credentials: null }, NOBODY)).toEqual({ at: 'login' });
  });

  it('leads from password to code to the pages', () => {
    let at = step(door({ at: 'login' }), { type: 'code_wanted', credentials: CREDENTIALS });
    expect(at.place).toEqual({ at: 'code', credentials: CREDENTIALS });
    expect(step(at, { type: 'back' }).place).toEqual({ at: 'login' });
    at = step(at, { type: 'let_in', owed: null });
    expect(at.place).toEqual({ at: 'asking' });
    expect(step(at, { type: 'let_in', owed: 'enrolment' }).place).toEqual({ at: 'enrolment', required: true });
  });

  it('offers a second factor after a link, and asks it of whom it is asked', () => {
    const link = door({ at: 'link', link: { kind: 'invitation', token: 't' } });
    expect(step(link, { type: 'account_made', owed: null }).place).toEqual({ at: 'enrolment', required: false });
    expect(step(link, { type: 'account_made', owed: 'enrolment' }).place).toEqual({ at: 'enrolment', required: true });
    expect(step(link, { type: 'password_set' }).place).toEqual({ at: 'login', notice: 'password_set' });
    expect(step(link, { type: 'back' }).place).toEqual({ at: 'asking' });
  });

  it('lets nobody in whom the gateway has not let in, whatever comes in whatever order', () => {
    const owed = fc.constantFrom(null, 'code' as const, 'enrolment' as const);
    const state = fc.record({
      known: fc.boolean(),
      open: fc.boolean(),
      setup: fc.boolean(),
      oidc: fc.constantFrom(null, { name: 'Farm' }),
      owed,
      user: fc.constantFrom(null, ANN),
    });
    const event: fc.Arbitrary<DoorEvent> = fc.oneof(
      fc.record({ type: fc.constant('told' as const), state }),
      fc.record({ type: fc.constantFrom('let_in' as const, 'account_made' as const), owed }),
      fc.constantFrom<DoorEvent>(
        { type: 'untold' },
        { type: 'back' },
        { type: 'password_set' },
        { type: 'enrolment_over' },
        { type: 'code_wanted', credentials: CREDENTIALS },
        { type: 'linked', link: { kind: 'setup', token: 't' } },
      ),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let at = doorAt('');
        for (const each of events) {
          const before = at;
          at = step(at, each);
          if (at.place.at !== 'in' || before.place.at === 'in') continue;
          expect(each.type).toBe('told');
          const told = (each as Extract<DoorEvent, { type: 'told' }>).state;
          expect(told.known && (told.open || (told.user !== null && told.owed === null))).toBe(true);
        }
      }),
    );
  });
});
