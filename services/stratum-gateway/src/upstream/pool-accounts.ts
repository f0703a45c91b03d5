// Under which name a worker's shares are passed on: one account for all, or a template that takes the worker's own name in.
import type { WorkerName } from '@assay/tenancy';

/** @param template an account, in which `{worker}` stands for the whole name and `{path}` for what follows the tenant */
export function accountOf(template: string, { worker, path }: WorkerName, baseUser: string): string {
  // A worker that is only its tenant has no path: what would be left is no account of its own.
  if (path === '' && template.includes('{path}')) return baseUser;
  return template.replaceAll('{worker}', worker).replaceAll('{path}', path);
}
