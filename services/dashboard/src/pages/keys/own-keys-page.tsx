// The keys with which programs act for whoever looks at them: made with no more than they may themselves, and revoked.
import { useState, type ReactNode } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { Nothing } from '../../components/messages.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { change } from '../../login/own-account.ts';
import { Link } from '../../router/link.tsx';
import { useListPlace } from '../settings/list-place.ts';
import { CREATE_OWN_KEY, OWN_KEYS, type Key, type Permission } from './key-documents.ts';
import { KeyList, NewKeyPanel, type NewKeyProps } from './key-list.tsx';
import { PERMISSION_WORDS, permissionsText } from './permission-text.ts';
import { keyPage } from './key-page.ts';

export function OwnKeysPage(): ReactNode {
  const place = useListPlace();
  const query = useQuery(OWN_KEYS, {}, { pollMs: 30_000 });
  const viewer = query.data?.viewer;
  const keys = viewer?.user?.apiKeys;
  return (
    <>
      <p className="breadcrumbs">
        <Link to="/account">Your account</Link> <span aria-hidden="true">/</span>
      </p>
      <PageHeader title="API keys" />
      {viewer?.user === null ? (
        <div className="panel">
          <Nothing title="Nobody has to log in">
            <p>This pool has no users, so that programs need no key.</p>
          </Nothing>
        </div>
      ) : (
        <KeyList
          title="Your keys"
          place={place}
          query={query}
          page={keys && keyPage(keys, place)}
          may={({ only }: Key) => (only === null ? 'all that you may' : permissionsText(only))}
          nothing={
            <p>
              With a key of yours a program may do what you may, or part of it. It ends with you, or when you say so.
            </p>
          }
          newKey={(props) => <NewOwnKey {...props} permissions={viewer?.permissions ?? []} />}
        />
      )}
    </>
  );
}

function NewOwnKey({ permissions, ...props }: NewKeyProps & { permissions: readonly Permission[] }): ReactNode {
  const [isAll, setIsAll] = useState(false);
  const [only, setOnly] = useState<readonly Permission[]>(['FLEET_VIEW']);
  const [isChecked, setIsChecked] = useState(false);
  const make = (name: string, expiresAt: string | null) => {
    setIsChecked(true);
    if (!isAll && only.length === 0) return undefined;
    return async () => {
      const outcome = await change(CREATE_OWN_KEY, { name, only: isAll ? null : [...only], expiresAt });
      return outcome.ok ? { ok: true as const, body: outcome.body.createApiKey.token } : outcome;
    };
  };
  return (
    <NewKeyPanel {...props} make={make}>
      <fieldset className="choices">
        <legend>It may</legend>
        <label className="check">
          <input type="checkbox" checked={isAll} onChange={(event) => setIsAll(event.target.checked)} />
          All that you may, now and later
        </label>
        {!isAll &&
          permissions.map((permission) => (
            <label key={permission} className="check">
              <input
                type="checkbox"
                checked={only.includes(permission)}
                onChange={(event) =>
                  setOnly(event.target.checked ? [...only, permission] : only.filter((each) => each !== permission))
                }
              />
              {PERMISSION_WORDS[permission]}
            </label>
          ))}
        {isChecked && !isAll && only.length === 0 && <p className="form-problem">Choose at least one.</p>}
      </fieldset>
    </NewKeyPanel>
  );
}
