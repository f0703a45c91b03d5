// Which tenant an account is of, as the address holds it, and the tenants there are to choose from.
import { useQuery, type QueryState } from '../../api/use-query.ts';
import { useSearchParams } from '../../router/location.ts';
import { tenantChoices, type TenantChoice } from './tenant-choices.ts';
import { ACCOUNT, TENANT_CHOICES, type TenantChoices } from './account-documents.ts';

export interface ChosenTenant {
  /** Undefined until it is known who there is. */
  readonly choices: readonly TenantChoice[] | undefined;
  readonly tenant: string | undefined;
  readonly asked: QueryState<TenantChoices>;
}

export function useTenant(): ChosenTenant {
  const [params] = useSearchParams();
  const asked = useQuery(TENANT_CHOICES, {}, { pollMs: 60_000 });
  const choices = asked.data && tenantChoices(asked.data);
  return { choices, tenant: params.get('tenant') ?? choices?.[0]?.id, asked };
}

export type AccountAlgorithm = 'SHA256D' | 'SCRYPT';

export function useAccount(
  tenant: string | undefined,
  range: { readonly from: string | null; readonly days: number },
  algorithm: AccountAlgorithm,
) {
  const variables = { tenant: tenant ?? '', ...range, algorithm };
  return useQuery(ACCOUNT, variables, { enabled: tenant !== undefined, pollMs: 60_000, timeoutMs: 60_000 });
}
