// Whose account, of which algorithm: parts of the address.
import type { ReactNode } from 'react';
import { useSearchParams } from '../../router/location.ts';
import type { TenantChoice } from './tenant-choices.ts';
import type { AccountAlgorithm } from './use-account.ts';

interface AccountToolbarProps {
  readonly choices: readonly TenantChoice[];
  readonly tenant: string | undefined;
  readonly children: ReactNode;
}

export function AccountToolbar({ choices, tenant, children }: AccountToolbarProps): ReactNode {
  const [params, change] = useSearchParams();
  const isListed = tenant === undefined || choices.some(({ id }) => id === tenant);
  return (
    <div className="toolbar account-toolbar">
      <select
        className="input"
        aria-label="Tenant"
        value={tenant ?? ''}
        onChange={(event) => change({ tenant: event.target.value, holding: null })}
      >
        {!isListed && <option value={tenant}>{tenant}</option>}
        {choices.map(({ id, name }) => (
          <option key={id} value={id}>
            {name === id ? id : `${name} (${id})`}
          </option>
        ))}
      </select>
      {children}
      <select
        className="input"
        aria-label="Algorithm"
        value={algorithmIn(params)}
        onChange={(event) => change({ algorithm: event.target.value === 'SHA256D' ? null : event.target.value })}
      >
        <option value="SHA256D">sha256d</option>
        <option value="SCRYPT">scrypt</option>
      </select>
    </div>
  );
}

export function algorithmIn(params: URLSearchParams): AccountAlgorithm {
  return params.get('algorithm') === 'SCRYPT' ? 'SCRYPT' : 'SHA256D';
}
