// The workers that are chosen: taken in, refused, or set, all of them or none.
import { useState, type ReactNode } from 'react';
import type { VariablesOf } from '@assay/api-client';
import { Panel } from '../../components/panel.tsx';
import { ChangeFailure, EntryForm } from '../../entry-form/entry-form.tsx';
import { MANY_WORKERS_SPECS } from '../../entry-form/worker-specs.ts';
import { formatQuantity } from '../../format/number.ts';
import type { AuthFailure } from '../../login/auth-api.ts';
import { change } from '../../login/own-account.ts';
import { CHANGE_WORKERS, type WorkerEntryRow, type WorkerStanding } from './workers-documents.ts';

type WorkersInput = VariablesOf<typeof CHANGE_WORKERS>['change'];

interface ManyWorkersProps {
  readonly workers: readonly WorkerEntryRow[];
  readonly onChanged: () => void;
  readonly onReload: () => void;
}

export function ManyWorkers({ workers, onChanged, onReload }: ManyWorkersProps): ReactNode {
  const [failure, setFailure] = useState<AuthFailure>();
  const changeAll = (given: WorkersInput) =>
    change(CHANGE_WORKERS, { workers: workers.map(({ name, version }) => ({ name, version })), change: given });
  const stand = async (standing: WorkerStanding): Promise<void> => {
    const outcome = await changeAll({ standing });
    setFailure(outcome.ok ? undefined : outcome.failure);
    if (outcome.ok) onChanged();
  };
  return (
    <Panel title={`${formatQuantity(workers.length, 'worker')} chosen`} className="editor">
      <div className="panel-body account-form">
        <div className="entry-actions">
          <button type="button" className="button primary" onClick={() => void stand('ACTIVE')}>
            Take in
          </button>
          <button type="button" className="button danger" onClick={() => void stand('RETIRED')}>
            Refuse
          </button>
        </div>
        <p className="field-hint">Whoever is refused is retired: disconnected, and let in no more.</p>
        {failure && <ChangeFailure failure={failure} onReload={onReload} />}
        <h3>Or set for all of them</h3>
        <p className="field-hint">What is left empty stays as each of them has it.</p>
        <EntryForm
          specs={MANY_WORKERS_SPECS}
          label={`Set for ${formatQuantity(workers.length, 'worker')}`}
          save={(given) => changeAll(given as WorkersInput)}
          onSaved={onChanged}
          onReload={onReload}
        />
      </div>
    </Panel>
  );
}
