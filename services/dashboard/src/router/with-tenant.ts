// Takes the tenant that is looked at along to another address of the dashboard.

/** The same place with the tenant in its address, unless it names one itself. */
export function withTenant(to: string, tenant: string | null): string {
  if (tenant === null || tenant === '') return to;
  const [, path, search, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(to)!;
  const params = new URLSearchParams(search);
  if (params.has('tenant')) return to;
  params.set('tenant', tenant);
  return `${path}?${params.toString()}${fragment ?? ''}`;
}
