// The door as a page: one form at a time, in a frame without the navigation of those who are in.
import type { Dispatch, ReactNode } from 'react';
import { BrandMark } from '../shell/icons.tsx';
import { ThemeToggle } from '../shell/theme-toggle.tsx';
import { CodeForm } from './code-form.tsx';
import type { DoorEvent, Place } from './door.ts';
import { LinkForm } from './link-form.tsx';
import { LoginForm } from './login-form.tsx';
import { SecondFactorOffer } from './second-factor-offer.tsx';
import { EntryPanel } from './entry-panel.tsx';

interface EntryPageProps {
  readonly place: Place;
  readonly oidc: string | null;
  readonly send: Dispatch<DoorEvent>;
}

export function EntryPage(props: EntryPageProps): ReactNode {
  return (
    <>
      <header className="header entry-header">
        <span className="brand">
          <BrandMark />
          Assay
        </span>
        <div className="header-end">
          <ThemeToggle />
        </div>
      </header>
      <main id="content" className="entry">
        <EntryForm {...props} />
      </main>
    </>
  );
}

function EntryForm({ place, oidc, send }: EntryPageProps): ReactNode {
  switch (place.at) {
    case 'login':
      return <LoginForm oidc={oidc} notice={place.notice} send={send} />;
    case 'code':
      return <CodeForm credentials={place.credentials} send={send} />;
    case 'enrolment':
      return <SecondFactorOffer required={place.required} onOver={() => send({ type: 'enrolment_over' })} />;
    case 'link':
      return <LinkForm key={place.link.token} link={place.link} send={send} />;
    case 'starting':
      return (
        <EntryPanel title="The pool is starting">
          <p role="status">
            It has not read yet who may see it. This page goes on by itself, mostly within seconds; if it does not, the
            control log is away.
          </p>
        </EntryPanel>
      );
    case 'asking':
    case 'away':
    case 'in':
      return null;
  }
}
