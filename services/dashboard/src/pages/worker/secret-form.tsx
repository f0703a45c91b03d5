// The secret that a worker's password must hold: set, drawn, or taken away. What was drawn is shown once.
import { useState, type ReactNode } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { ChangeFailure } from '../../entry-form/entry-form.tsx';
import { RemoveButton } from '../../entry-form/remove-button.tsx';
import type { AuthFailure, AuthOutcome } from '../../login/auth-api.ts';
import { change } from '../../login/own-account.ts';
import { TextField } from '../../login/text-field.tsx';
import { DRAW_WORKER_SECRET, SET_WORKER_SECRET, type WorkerEntryDetail } from './entry-documents.ts';

export function SecretForm({ entry, onChanged }: { entry: WorkerEntryDetail; onChanged: () => void }): ReactNode {
  const { name, version, hasSecret } = entry;
  const [text, setText] = useState('');
  const [drawn, setDrawn] = useState<string>();
  const [failure, setFailure] = useState<AuthFailure>();
  const [isBusy, setIsBusy] = useState(false);

  const make = async <Body,>(made: () => Promise<AuthOutcome<Body>>, onDone: (body: Body) => void): Promise<void> => {
    if (isBusy) return;
    setIsBusy(true);
    const outcome = await made();
    setIsBusy(false);
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (!outcome.ok) return;
    onDone(outcome.body);
    onChanged();
  };

  return (
    <form
      className="entry-form"
      aria-label="Secret"
      onSubmit={(event) => {
        event.preventDefault();
        void make(
          () => change(SET_WORKER_SECRET, { name, version, secret: text }),
          () => setText(''),
        );
      }}
    >
      <h3>Secret</h3>
      {drawn !== undefined && (
        <div className="note-box" role="status">
          <p>Put this into the machine’s password now. It is not shown again.</p>
          <p>
            <code className="secret">{drawn}</code> <CopyButton text={drawn} label="the secret" />
          </p>
        </div>
      )}
      <TextField
        label={hasSecret ? 'New secret' : 'Secret'}
        value={text}
        hint={
          hasSecret
            ? 'Its password must hold a secret, which nobody can read here. A new one ends connections that were not given it.'
            : 'Any password will do now. With a secret, only who knows it mines under this name.'
        }
        autoComplete="new-password"
        maxLength={256}
        onChange={setText}
      />
      {failure && <ChangeFailure failure={failure} onReload={onChanged} />}
      <div className="entry-actions">
        <button type="submit" className="button" aria-disabled={isBusy || undefined} disabled={text === ''}>
          Set secret
        </button>
        <button
          type="button"
          className="button"
          onClick={() =>
            void make(
              () => change(DRAW_WORKER_SECRET, { name, version }),
              (body) => setDrawn(body.drawWorkerSecret.secret),
            )
          }
        >
          Draw one
        </button>
        {hasSecret && (
          <RemoveButton
            label="Take it away"
            confirmLabel="Let any password do?"
            onRemove={() =>
              void make(
                () => change(SET_WORKER_SECRET, { name, version, secret: null }),
                () => setDrawn(undefined),
              )
            }
          />
        )}
      </div>
    </form>
  );
}
