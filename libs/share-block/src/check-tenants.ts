// Who a share belongs to is said twice in a block: by its tenant, and by its worker, whose name begins with the tenant. Only an honest
// gateway sees to it that the two agree; a broken or compromised one could show one tenant's workers to another. So every reader that
// hands shares on checks it.
import type { SubmittedBlock } from './columns.ts';
import { ShareBlockError } from './share-block-error.ts';

/** Throws ShareBlockError 'bad_tenant' when a share's tenant is not the first segment of its worker's name. */
export function checkTenants({ count, tenant, worker }: SubmittedBlock): void {
  // Blocks hold few distinct pairs, and mostly one tenant a worker: each pair is compared once, save where a worker's tenant changes.
  const checked = new Int32Array(worker.values.length).fill(-1);
  for (let i = 0; i < count; i++) {
    const workerCode = worker.codes[i]!;
    const tenantCode = tenant.codes[i]!;
    if (checked[workerCode] === tenantCode) continue;
    const name = worker.values[workerCode]!;
    const first = name.split('.', 1)[0]!;
    if (first !== tenant.values[tenantCode]) {
      throw new ShareBlockError(
        'bad_tenant',
        `share block row ${i}: worker ${JSON.stringify(name)} does not belong to tenant ${JSON.stringify(tenant.values[tenantCode])}`,
      );
    }
    checked[workerCode] = tenantCode;
  }
}
