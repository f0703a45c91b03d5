// What we ask of pods beyond the restricted pod security standard (api-server-check.ts holds them against that): a root filesystem that
// nobody writes, no token for the Kubernetes API, and no variables that Kubernetes makes of Services' names.
import { asObject, nameOf, textAt, type Finding, type Manifest } from '../manifest.ts';
import { containersOf, workloadsOf, type Workload } from '../workloads.ts';

export function podSecurity(manifests: readonly Manifest[]): Finding[] {
  return workloadsOf(manifests).flatMap((workload) =>
    faultsOf(workload).map((message) => ({ rule: 'pod-security', object: nameOf(workload.manifest), message })),
  );
}

function faultsOf(workload: Workload): string[] {
  const { spec } = workload;
  const faults: string[] = [];
  if (spec['automountServiceAccountToken'] !== false) faults.push('automountServiceAccountToken must be false');
  if (spec['enableServiceLinks'] !== false)
    faults.push('enableServiceLinks must be false: links put variables like ASSAY_..._PORT into the pod');
  for (const container of containersOf(workload)) {
    if (asObject(container['securityContext'])['readOnlyRootFilesystem'] !== true)
      faults.push(`container ${textAt(container, 'name')}: readOnlyRootFilesystem must be true`);
  }
  return faults;
}
