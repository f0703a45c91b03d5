// Shows the pages to who is let in, and the door to everybody else: asks the gateway at the start, and again whenever the API wants a login.
// The address stays what it was meanwhile, so that whoever logs in is where they wanted to go.
import { Fragment, useCallback, useEffect, useReducer, useRef, type ReactNode } from 'react';
import { forgetAnswers } from '../api/answer-cache.ts';
import { onLoginNeeded } from '../api/login-needed.ts';
import { navigate } from '../router/location.ts';
import { askAuthState } from './auth-api.ts';
import { doorAt, linkIn, step, type Place } from './door.ts';
import { EntryPage } from './entry-page.tsx';
import { PersonContext } from './person.ts';
import { wantedPath } from './wanted-path.ts';

const ASK_AGAIN_MS = 2_000;

export function DoorKeeper({ children }: { children: ReactNode }): ReactNode {
  const [{ place, oidc }, send] = useReducer(step, location.hash, doorAt);

  const asked = useRef(0);
  const ask = useCallback(async (): Promise<void> => {
    const number = ++asked.current;
    const outcome = await askAuthState();
    // An answer from before a login must not undo it: only the last question counts.
    if (number !== asked.current) return;
    send(outcome.ok ? { type: 'told', state: outcome.body } : { type: 'untold' });
  }, []);

  useEffect(() => onLoginNeeded(() => void ask()), [ask]);
  useEffect(() => {
    const heedLink = ({ newURL }: HashChangeEvent): void => {
      // As it was when it was followed: an answer that came at the same moment may have dropped it from the address by now.
      const link = linkIn(new URL(newURL).hash);
      if (link !== undefined) send({ type: 'linked', link });
    };
    window.addEventListener('hashchange', heedLink);
    return () => window.removeEventListener('hashchange', heedLink);
  }, []);
  const providerKnown = useRef(false);
  useEffect(() => {
    // The name of the provider comes with an answer, and has to be asked for where the address said what to show.
    if (place.at === 'asking' || !providerKnown.current) void ask();
    providerKnown.current = true;
    if (place.at !== 'away' && place.at !== 'starting') return;
    const timer = setInterval(() => void ask(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [place.at, ask]);
  useEffect(() => {
    if (place.at === 'in' || place.at === 'login') dropFragment();
    if (place.at !== 'in') return;
    const wanted = wantedPath.take();
    if (wanted !== undefined) navigate(wanted, { replace: true });
  }, [place.at]);

  const viewer = viewerIn(place);
  const lastViewer = useRef(viewer);
  if (viewer !== undefined && viewer !== lastViewer.current) {
    lastViewer.current = viewer;
    forgetAnswers();
  }
  if (place.at === 'asking') return null;
  if (viewer === undefined) return <EntryPage place={place} oidc={oidc} send={send} />;
  return (
    <PersonContext value={place.at === 'in' ? place.person : null}>
      <Fragment key={viewer}>{children}</Fragment>
    </PersonContext>
  );
}

/** By whom the pages are seen; undefined when by nobody. */
function viewerIn(place: Place): string | undefined {
  if (place.at === 'away') return '';
  return place.at === 'in' ? (place.person?.id ?? '') : undefined;
}

/** A used link, or a notice that was shown, is not to come again with a reload. */
function dropFragment(): void {
  if (/^#(setup|invitation|login)=/.test(location.hash))
    history.replaceState(null, '', location.pathname + location.search);
}
