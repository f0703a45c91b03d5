// Setting a second factor up: the secret for the app as a code and as text, a first code to show that the app has it, and the recovery codes,
// which are shown this once.
import { useEffect, useState, type ReactNode } from 'react';
import { CopyButton } from '../components/copy-button.tsx';
import type { AuthFailure } from './auth-api.ts';
import { FailureBanner } from './failure-banner.tsx';
import { BEGIN_SECOND_FACTOR, change, CONFIRM_SECOND_FACTOR, type Enrolment } from './own-account.ts';
import { QrCode } from './qr-code.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SubmitRow } from './submit-row.tsx';
import { TextField } from './text-field.tsx';
import { useSubmit } from './use-submit.ts';

interface SecondFactorSetupProps {
  /** What the button says that leaves without one, should it not be possible now; undefined where one must not. */
  readonly giveUpLabel: string | undefined;
  readonly onOver: () => void;
}

export function SecondFactorSetup({ giveUpLabel, onOver }: SecondFactorSetupProps): ReactNode {
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [failure, setFailure] = useState<AuthFailure>();
  const [codes, setCodes] = useState<readonly string[]>();
  useEffect(() => {
    let isCurrent = true;
    void change(BEGIN_SECOND_FACTOR, {}).then((outcome) => {
      if (!isCurrent) return;
      if (outcome.ok) setEnrolment(outcome.body.beginSecondFactor);
      else setFailure(outcome.failure);
    });
    return () => {
      isCurrent = false;
    };
  }, []);
  if (failure)
    return (
      <>
        <FailureBanner failure={failure} sent="account" />
        {giveUpLabel !== undefined && (
          <div className="entry-actions">
            <button type="button" className="button" onClick={onOver}>
              {giveUpLabel}
            </button>
          </div>
        )}
      </>
    );
  if (codes) return <RecoveryCodes codes={codes} onOver={onOver} />;
  return enrolment && <ConfirmForm enrolment={enrolment} onCodes={setCodes} />;
}

function ConfirmForm({
  enrolment: { secret, uri, enrolment },
  onCodes,
}: {
  enrolment: Enrolment;
  onCodes: (codes: readonly string[]) => void;
}): ReactNode {
  const [code, setCode] = useState('');
  const form = useSubmit(
    () => change(CONFIRM_SECOND_FACTOR, { enrolment, code: code.replace(/\s/g, '') }),
    (answer) => onCodes(answer.confirmSecondFactor),
  );
  return (
    <form className="entry-form enrolment" onSubmit={form.submit}>
      <QrCode text={uri} label="QR code for an authenticator app" />
      <div className="enrolment-steps">
        <p>
          Scan the code with an authenticator app, or type this secret into it (time based, six digits; on this device,{' '}
          <a href={uri}>open it in the app</a>):
        </p>
        <div className="copy-row command">
          <code className="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
          <CopyButton text={secret} label="secret" />
        </div>
        <TextField
          label="Six digits the app shows now"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          autoFocus
          value={code}
          onChange={setCode}
        />
        <SubmitRow label="Confirm" sent="code" {...form} />
      </div>
    </form>
  );
}
