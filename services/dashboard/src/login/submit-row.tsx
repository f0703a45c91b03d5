// What went wrong, and the button that sends the form. The button stays where the focus can find it while it waits: it is not disabled, it
// only does nothing.
import type { ReactNode } from 'react';
import type { AuthFailure } from './auth-api.ts';
import { FailureBanner } from './failure-banner.tsx';
import { waitText, type Sent } from './failure-text.ts';

interface SubmitRowProps {
  readonly label: string;
  readonly sent: Sent;
  readonly busy: boolean;
  readonly waitMs: number;
  readonly failure: AuthFailure | undefined;
  readonly children?: ReactNode;
}

export function SubmitRow({ label, sent, busy, waitMs, failure, children }: SubmitRowProps): ReactNode {
  const isStill = busy || waitMs > 0;
  return (
    <>
      {failure && <FailureBanner failure={failure} sent={sent} />}
      <div className="entry-actions">
        <button type="submit" className="button primary" aria-disabled={isStill || undefined}>
          {waitMs > 0 ? waitText(waitMs) : busy ? 'One moment …' : label}
        </button>
        {children}
      </div>
    </>
  );
}
