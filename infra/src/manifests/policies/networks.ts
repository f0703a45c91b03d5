// Nothing talks to anything by default, and whoever may talk is named: every workload has a policy of its own, and none lets pods out
// to just anywhere.
import { asList, asObject, at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { selects, workloadsOf } from '../workloads.ts';

export function networks(manifests: readonly Manifest[]): Finding[] {
  const policies = manifests.filter((manifest) => manifest.kind === 'NetworkPolicy');
  const finding = (manifest: Manifest, message: string): Finding => ({
    rule: 'networks',
    object: nameOf(manifest),
    message,
  });
  const podSelector = (policy: Manifest) => asObject(at(policy, 'spec', 'podSelector'));
  const letsOut = (policy: Manifest) =>
    (at(policy, 'spec', 'policyTypes') as readonly string[] | undefined)?.includes('Egress');
  const ofAll = (policy: Manifest) => Object.keys(podSelector(policy)).length === 0;

  const namespaces = manifests
    .filter((manifest) => manifest.kind === 'Namespace')
    .filter(
      (namespace) =>
        !policies.some((policy) => ofAll(policy) && deniesAll(policy, textAt(namespace, 'metadata', 'name'))),
    )
    .map((namespace) => finding(namespace, 'no policy denies what no other allows'));
  const alone = workloadsOf(manifests)
    .filter(
      (workload) =>
        !policies.some((policy) => letsOut(policy) && !ofAll(policy) && selects(podSelector(policy), workload)),
    )
    .map(({ manifest }) => finding(manifest, 'no network policy is about its pods'));
  const open = policies
    .filter((policy) => rulesOf(policy, 'egress').some((rule) => asList(rule['to']).length === 0))
    .map((policy) => finding(policy, 'an egress rule lets out to anywhere'));
  return [...namespaces, ...alone, ...open];
}

function deniesAll(policy: Manifest, namespace: string): boolean {
  const types = at(policy, 'spec', 'policyTypes');
  return (
    textAt(policy, 'metadata', 'namespace') === namespace &&
    rulesOf(policy, 'ingress').length === 0 &&
    rulesOf(policy, 'egress').length === 0 &&
    Array.isArray(types) &&
    ['Ingress', 'Egress'].every((type) => types.includes(type))
  );
}

function rulesOf(policy: Manifest, direction: 'ingress' | 'egress'): readonly JsonObject[] {
  return asList(at(policy, 'spec', direction));
}
