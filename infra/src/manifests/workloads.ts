// The pods that objects make, wherever their template stands, and what selects them.
import { asList, asObject, at, textAt, type JsonObject, type Manifest } from './manifest.ts';

export interface Workload {
  readonly manifest: Manifest;
  /** Template of its pods: metadata and spec. */
  readonly template: JsonObject;
  readonly spec: JsonObject;
  /** Whether its pods are to run until somebody stops them, and nobody else looks after them. */
  readonly longRunning: boolean;
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};
const ENDS = new Set(['Job', 'CronJob']);

export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    // A ClickHouse installation names its pods' templates; its operator probes them.
    if (manifest.kind === 'ClickHouseInstallation')
      return asList(at(manifest, 'spec', 'templates', 'podTemplates')).map((template) => ({
        manifest,
        template,
        spec: asObject(template['spec']),
        longRunning: false,
      }));
    // A bare pod is its own template.
    const path = manifest.kind === 'Pod' ? [] : TEMPLATES[manifest.kind];
    if (path === undefined) return [];
    const template = asObject(at(manifest, ...path));
    return [{ manifest, template, spec: asObject(template['spec']), longRunning: !ENDS.has(manifest.kind) }];
  });
}

/** Containers that run side by side, and those that run before them. */
export function containersOf({ spec }: Workload): JsonObject[] {
  return [...asList(spec['containers']), ...asList(spec['initContainers'])];
}

export function mainContainersOf({ spec }: Workload): readonly JsonObject[] {
  return asList(spec['containers']);
}

/** Whether a label selector picks the workload's pods; an empty one picks all. */
export function selects(selector: JsonObject, workload: Workload): boolean {
  const labels = asObject(at(workload.template, 'metadata', 'labels'));
  const equal = Object.entries(asObject(selector['matchLabels'])).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    asList(selector['matchExpressions']).every((expression) => {
      const label = labels[textAt(expression, 'key')];
      const values = (at(expression, 'values') ?? []) as readonly unknown[];
      switch (textAt(expression, 'operator')) {
        case 'In':
          return values.includes(label);
        case 'NotIn':
          return !values.includes(label);
        case 'Exists':
          return label !== undefined;
        default:
          return label === undefined;
      }
    })
  );
}

/** Names and numbers of the ports that the workload's containers declare. */
export function portsOf(workload: Workload): Set<string> {
  const ports = mainContainersOf(workload).flatMap((container) => asList(container['ports']));
  return new Set(ports.flatMap((port) => [textAt(port, 'name'), String(port['containerPort'])]));
}

/** Pods that Strimzi makes of its resources, as far as policies select them: their labels, and nothing of what is in them. */
export function operatedPodsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    const own = textAt(manifest, 'metadata', 'name');
    const labels =
      manifest.kind === 'KafkaNodePool'
        ? asObject(at(manifest, 'spec', 'template', 'pod', 'metadata', 'labels'))
        : manifest.kind === 'Kafka'
          ? { 'strimzi.io/name': `${own}-entity-operator` }
          : undefined;
    return labels === undefined ? [] : [{ manifest, template: { metadata: { labels } }, spec: {}, longRunning: false }];
  });
}
