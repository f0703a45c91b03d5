// A second factor, offered to who has just set a password, and asked of whom a tenant asks it.
import { useState, type ReactNode } from 'react';
import { EntryPanel } from './entry-panel.tsx';
import { logOut } from './log-out.ts';
import { SecondFactorSetup } from './second-factor-setup.tsx';

export function SecondFactorOffer({ required, onOver }: { required: boolean; onOver: () => void }): ReactNode {
  const [hasBegun, setHasBegun] = useState(required);
  return (
    <EntryPanel title="Second factor" wide>
      {(required || !hasBegun) && (
        <p className="entry-intro">
          {required
            ? 'A tenant you work for asks for a second factor. Set it up to go on: an authenticator app on your phone shows six digits that you give when you log in.'
            : 'With an authenticator app on your phone, who finds out your password still cannot log in. It takes a minute, and can be done later on the page of your account.'}
        </p>
      )}
      {hasBegun ? (
        <SecondFactorSetup giveUpLabel={required ? undefined : 'Go on without'} onOver={onOver} />
      ) : (
        <div className="entry-actions">
          <button type="button" className="button primary" onClick={() => setHasBegun(true)}>
            Set it up
          </button>
          <button type="button" className="button" onClick={onOver}>
            Not now
          </button>
        </div>
      )}
      {required && (
        <button type="button" className="link-button" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </EntryPanel>
  );
}
