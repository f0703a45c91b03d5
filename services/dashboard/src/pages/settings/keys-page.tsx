// Keys of services, with grants of their own: made, shown once, and revoked.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { change } from '../../login/own-account.ts';
import { grantText } from '../account/account-text.ts';
import { CREATE_SERVICE_KEY, SERVICE_KEYS, type Key } from '../keys/key-documents.ts';
import { KeyList, NewKeyPanel, type NewKeyProps } from '../keys/key-list.tsx';
import { permissionsText } from '../keys/permission-text.ts';
import { GrantsField, grantInputs, type TypedGrant } from './grants-field.tsx';
import { useListPlace } from './list-place.ts';
import { SettingsFrame } from './settings-frame.tsx';
import { UserEditors } from './user-editors.tsx';

export function KeysPage(): ReactNode {
  return (
    <SettingsFrame section="keys">
      <UserEditors refusal="Who may edit users makes keys for services here.">
        <Keys />
      </UserEditors>
    </SettingsFrame>
  );
}

function Keys(): ReactNode {
  const place = useListPlace();
  const query = useQuery(SERVICE_KEYS, place.variables, { pollMs: 30_000 });
  return (
    <KeyList
      title="Service keys"
      place={place}
      query={query}
      page={query.data?.serviceKeys}
      file="service-keys"
      may={(key) => <MayActAs apiKey={key} />}
      nothing={
        <p>A program that is nobody’s in particular asks with a key of its own, which may do what it is given here.</p>
      }
      newKey={(props) => <NewServiceKey {...props} />}
    />
  );
}

function MayActAs({ apiKey: { grants, only } }: { apiKey: Key }): ReactNode {
  return (
    <>
      {grants.map(grantText).join('; ')}
      {only !== null && <span className="muted"> no more than {permissionsText(only)}</span>}
    </>
  );
}

function NewServiceKey(props: NewKeyProps): ReactNode {
  const [grants, setGrants] = useState<readonly TypedGrant[]>([{ role: 'DATA_READER', over: '' }]);
  const [isChecked, setIsChecked] = useState(false);
  const isPlaceless = grants.some(({ over }) => over.trim() === '');
  const make = (name: string, expiresAt: string | null) => {
    setIsChecked(true);
    if (isPlaceless) return undefined;
    return async () => {
      const outcome = await change(CREATE_SERVICE_KEY, { name, grants: grantInputs(grants), expiresAt });
      return outcome.ok ? { ok: true as const, body: outcome.body.createServiceKey.token } : outcome;
    };
  };
  return (
    <NewKeyPanel {...props} make={make}>
      <GrantsField
        grants={grants}
        problem={isChecked && isPlaceless ? 'Each role needs what it is over.' : undefined}
        onChange={setGrants}
      />
    </NewKeyPanel>
  );
}
