// What an object refers to by name is there: ConfigMaps, service accounts, claims, scaling targets, pods behind selectors, ports behind names.
// Kubernetes accepts dangling names without a word, and the pod then waits, or the policy then allows nothing.
import { asList, asObject, at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { containersOf, operatedPodsOf, portsOf, selects, workloadsOf, type Workload } from '../workloads.ts';

/** @param secretNames Secrets that somebody makes before; every one that is referred to has to be among them. */
export function names(manifests: readonly Manifest[], secretNames: ReadonlySet<string>): Finding[] {
  const workloads = workloadsOf(manifests);
  const pods = [...workloads, ...operatedPodsOf(manifests)];
  const has = (kind: string, name: string) =>
    manifests.some((each) => each.kind === kind && textAt(each, 'metadata', 'name') === name);
  const faults = [
    ...workloads.flatMap((workload) => referencesOf(workload).map((each) => [workload.manifest, ...each] as const)),
    ...manifests.flatMap((manifest) => scalingTargets(manifest).map((each) => [manifest, ...each] as const)),
  ]
    .filter(([, kind, name]) => (kind === 'Secret' ? !secretNames.has(name) : !has(kind, name)))
    .map(([manifest, kind, name]) => [manifest, `there is no ${kind} ${name}`] as const);
  const selectors = manifests.flatMap((manifest) =>
    selectorFaults(manifest, pods).map((message) => [manifest, message] as const),
  );
  return [...faults, ...selectors].map(([manifest, message]) => ({ rule: 'names', object: nameOf(manifest), message }));
}

/** Kind and name of what a pod cannot start without. */
function referencesOf(workload: Workload): [string, string][] {
  const { spec } = workload;
  const named = (kind: string, name: string): [string, string][] => (name === '' ? [] : [[kind, name]]);
  return [
    ...named('ServiceAccount', textAt(spec, 'serviceAccountName')),
    ...named('PriorityClass', textAt(spec, 'priorityClassName')),
    ...asList(spec['volumes']).flatMap((volume) => [
      ...named('ConfigMap', textAt(volume, 'configMap', 'name')),
      ...named('Secret', textAt(volume, 'secret', 'secretName')),
      ...named('PersistentVolumeClaim', textAt(volume, 'persistentVolumeClaim', 'claimName')),
      ...asList(at(volume, 'projected', 'sources')).flatMap((source) => [
        ...named('ConfigMap', textAt(source, 'configMap', 'name')),
        ...named('Secret', textAt(source, 'secret', 'name')),
      ]),
    ]),
    ...containersOf(workload).flatMap((container) => [
      ...asList(container['envFrom']).flatMap((from) => [
        ...named('ConfigMap', textAt(from, 'configMapRef', 'name')),
        ...named('Secret', textAt(from, 'secretRef', 'name')),
      ]),
      ...asList(container['env']).flatMap((variable) => [
        ...named('ConfigMap', textAt(variable, 'valueFrom', 'configMapKeyRef', 'name')),
        ...named('Secret', textAt(variable, 'valueFrom', 'secretKeyRef', 'name')),
      ]),
    ]),
  ];
}

function scalingTargets(manifest: Manifest): [string, string][] {
  if (manifest.kind === 'TriggerAuthentication')
    return [
      ...asList(at(manifest, 'spec', 'secretTargetRef')).map((ref): [string, string] => [
        'Secret',
        textAt(ref, 'name'),
      ]),
      ...asList(at(manifest, 'spec', 'configMapTargetRef')).map((ref): [string, string] => [
        'ConfigMap',
        textAt(ref, 'name'),
      ]),
    ];
  if (!['HorizontalPodAutoscaler', 'ScaledObject'].includes(manifest.kind)) return [];
  const authentications = asList(at(manifest, 'spec', 'triggers')).map((trigger) =>
    textAt(trigger, 'authenticationRef', 'name'),
  );
  return [
    [textAt(manifest, 'spec', 'scaleTargetRef', 'kind'), textAt(manifest, 'spec', 'scaleTargetRef', 'name')],
    ...authentications.filter((name) => name !== '').map((name): [string, string] => ['TriggerAuthentication', name]),
  ];
}

function selectorFaults(manifest: Manifest, workloads: readonly Workload[]): string[] {
  const spec = asObject(manifest['spec']);
  const portFaults = (ports: readonly (string | undefined)[], chosen: readonly Workload[]) =>
    ports
      .filter((port): port is string => port !== undefined && !/^\d+$/.test(port))
      .filter((port) => !chosen.some((workload) => portsOf(workload).has(port)))
      .map((port) => `no pod it selects has a port ${port}`);
  const chosenBy = (selector: JsonObject) => workloads.filter((workload) => selects(selector, workload));
  const text = (value: unknown) => (value === undefined ? undefined : String(value));
  switch (manifest.kind) {
    case 'Service': {
      if (spec['selector'] === undefined) return [];
      const chosen = chosenBy({ matchLabels: spec['selector'] });
      if (chosen.length === 0) return ['its selector picks no pod'];
      return portFaults(
        asList(spec['ports']).map((port) => text(port['targetPort'] ?? port['port'])),
        chosen,
      );
    }
    case 'PodDisruptionBudget':
    case 'NetworkPolicy': {
      const chosen = chosenBy(asObject(spec['selector'] ?? spec['podSelector']));
      if (chosen.length === 0) return ['its selector picks no pod'];
      return portFaults(
        asList(spec['ingress']).flatMap((rule) => asList(rule['ports']).map((port) => text(port['port']))),
        chosen,
      );
    }
    case 'PodMonitor': {
      const chosen = chosenBy(asObject(spec['selector']));
      if (chosen.length === 0) return ['its selector picks no pod'];
      return portFaults(
        asList(spec['podMetricsEndpoints']).map((endpoint) => text(endpoint['port'])),
        chosen,
      );
    }
    case 'Deployment':
    case 'StatefulSet': {
      const own = workloads.find((workload) => workload.manifest === manifest)!;
      return selects(asObject(spec['selector']), own) ? [] : ['its selector does not pick its own pods'];
    }
    default:
      return [];
  }
}
