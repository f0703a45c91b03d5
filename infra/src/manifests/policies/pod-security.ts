// Every pod meets the restricted pod security standard by itself, and a little more: a root filesystem that nobody writes, and no token
// for the Kubernetes API. https://kubernetes.io/docs/concepts/security/pod-security-standards/
import { asList, asObject, at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { containersOf, workloadsOf, type Workload } from '../workloads.ts';

const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export function podSecurity(manifests: readonly Manifest[]): Finding[] {
  return workloadsOf(manifests).flatMap((workload) => {
    const wrong = [
      ...podFaults(workload),
      ...containersOf(workload).flatMap((each) => containerFaults(each, workload)),
    ];
    return wrong.map((message) => ({ rule: 'pod-security', object: nameOf(workload.manifest), message }));
  });
}

function podFaults({ spec }: Workload): string[] {
  const faults: string[] = [];
  for (const shared of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (spec[shared] === true) faults.push(`${shared} must not be set`);
  if (spec['automountServiceAccountToken'] !== false) faults.push('automountServiceAccountToken must be false');
  if (spec['enableServiceLinks'] !== false)
    faults.push('enableServiceLinks must be false: links put variables like ASSAY_..._PORT into the pod');
  for (const { name, ...volume } of asList(spec['volumes'])) {
    const kind = Object.keys(volume).find((key) => !VOLUMES.has(key));
    if (kind !== undefined) faults.push(`volume ${String(name)} must not be of kind ${kind}`);
  }
  return faults;
}

function containerFaults(container: JsonObject, { spec }: Workload): string[] {
  const own = asObject(container['securityContext']);
  // What a container does not say, its pod says for it.
  const said = (key: string) => own[key] ?? at(spec, 'securityContext', key);
  const faults: string[] = [];
  if (said('runAsNonRoot') !== true) faults.push('runAsNonRoot must be true');
  if (said('runAsUser') === 0) faults.push('runAsUser must not be 0');
  if (!['RuntimeDefault', 'Localhost'].includes(textAt(said('seccompProfile'), 'type')))
    faults.push('seccompProfile must be RuntimeDefault');
  if (own['allowPrivilegeEscalation'] !== false) faults.push('allowPrivilegeEscalation must be false');
  if (own['privileged'] === true) faults.push('privileged must not be set');
  if (own['readOnlyRootFilesystem'] !== true) faults.push('readOnlyRootFilesystem must be true');
  const drop = at(own, 'capabilities', 'drop');
  if (!Array.isArray(drop) || !drop.includes('ALL')) faults.push('capabilities must drop ALL');
  const add = at(own, 'capabilities', 'add');
  if (Array.isArray(add) && add.some((capability) => capability !== 'NET_BIND_SERVICE'))
    faults.push('capabilities must add nothing but NET_BIND_SERVICE');
  for (const port of asList(container['ports']))
    if (port['hostPort'] !== undefined) faults.push(`port ${String(port['containerPort'])} must not be a hostPort`);
  return faults.map((fault) => `container ${textAt(container, 'name')}: ${fault}`);
}
