// The second factor: set up, recovery codes made anew, taken away.
import { useState, type ReactNode } from 'react';
import { Panel } from '../../components/panel.tsx';
import { formatQuantity } from '../../format/number.ts';
import { change } from '../../login/own-account.ts';
import { RecoveryCodes } from '../../login/recovery-codes.tsx';
import { SecondFactorSetup } from '../../login/second-factor-setup.tsx';
import { SubmitRow } from '../../login/submit-row.tsx';
import { TextField } from '../../login/text-field.tsx';
import { useSubmit } from '../../login/use-submit.ts';
import { REMOVE_SECOND_FACTOR, RENEW_RECOVERY_CODES, type Account } from './account-documents.ts';

type Doing = 'nothing' | 'setup' | 'renew' | 'remove';

export function SecondFactorPanel({ viewer, onChanged }: { viewer: Account; onChanged: () => void }): ReactNode {
  const [doing, setDoing] = useState<Doing>('nothing');
  const over = (): void => {
    setDoing('nothing');
    onChanged();
  };
  return (
    <Panel title="Second factor">
      <div className="panel-body account-form">
        {doing === 'nothing' ? (
          <Standing viewer={viewer} onDo={setDoing} />
        ) : doing === 'setup' ? (
          <SecondFactorSetup giveUpLabel="Back" onOver={over} />
        ) : doing === 'renew' ? (
          <RenewForm onOver={over} />
        ) : (
          <RemoveForm onOver={over} />
        )}
      </div>
    </Panel>
  );
}

function Standing({ viewer, onDo }: { viewer: Account; onDo: (doing: Doing) => void }): ReactNode {
  if (viewer.user?.hasSecondFactor !== true)
    return (
      <>
        <p>Off. With an authenticator app, who finds out your password still cannot log in.</p>
        <div className="entry-actions">
          <button type="button" className="button primary" onClick={() => onDo('setup')}>
            Set it up
          </button>
        </div>
      </>
    );
  return (
    <>
      <p>On, with {formatQuantity(viewer.user.recoveryCodesLeft, 'recovery code')} left.</p>
      {viewer.secondFactorRequired && <p className="muted">A tenant you work for asks for it.</p>}
      <div className="entry-actions">
        <button type="button" className="button" onClick={() => onDo('renew')}>
          New recovery codes
        </button>
        {!viewer.secondFactorRequired && (
          <button type="button" className="button" onClick={() => onDo('remove')}>
            Turn it off
          </button>
        )}
      </div>
    </>
  );
}

function RenewForm({ onOver }: { onOver: () => void }): ReactNode {
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<readonly string[]>();
  const form = useSubmit(
    () => change(RENEW_RECOVERY_CODES, { code }),
    (answer) => setCodes(answer.renewRecoveryCodes),
  );
  if (codes) return <RecoveryCodes codes={codes} onOver={onOver} />;
  return (
    <form className="entry-form" onSubmit={form.submit}>
      <p>Ten new codes; those from before end.</p>
      <CodeField value={code} onChange={setCode} />
      <SubmitRow label="Make new codes" sent="code" {...form}>
        <Cancel onClick={onOver} />
      </SubmitRow>
    </form>
  );
}

function RemoveForm({ onOver }: { onOver: () => void }): ReactNode {
  const [code, setCode] = useState('');
  const form = useSubmit(() => change(REMOVE_SECOND_FACTOR, { code }), onOver);
  return (
    <form className="entry-form" onSubmit={form.submit}>
      <p>From then on your password alone lets you in.</p>
      <CodeField value={code} onChange={setCode} />
      <SubmitRow label="Turn it off" sent="code" {...form}>
        <Cancel onClick={onOver} />
      </SubmitRow>
    </form>
  );
}

function CodeField({ value, onChange }: { value: string; onChange: (value: string) => void }): ReactNode {
  return (
    <TextField
      label="Six digits of the app, or a recovery code"
      autoComplete="one-time-code"
      required
      autoFocus
      value={value}
      onChange={onChange}
    />
  );
}

function Cancel({ onClick }: { onClick: () => void }): ReactNode {
  return (
    <button type="button" className="button" onClick={onClick}>
      Cancel
    </button>
  );
}
