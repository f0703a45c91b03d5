// Every container that runs for long says when it has started, when it is stuck and when it can serve, on a port that it has.
import { asObject, at, nameOf, textAt, type Finding, type JsonObject, type Manifest } from '../manifest.ts';
import { mainContainersOf, portsOf, workloadsOf } from '../workloads.ts';

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;

export function probes(manifests: readonly Manifest[]): Finding[] {
  return workloadsOf(manifests)
    .filter(({ longRunning }) => longRunning)
    .flatMap((workload) => {
      const ports = portsOf(workload);
      const faults = mainContainersOf(workload).flatMap((container) => faultsOf(container, ports));
      return faults.map((message) => ({ rule: 'probes', object: nameOf(workload.manifest), message }));
    });
}

function faultsOf(container: JsonObject, ports: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  for (const kind of PROBES) {
    const probe = asObject(container[kind]);
    if (Object.keys(probe).length === 0) faults.push(`${kind} is missing`);
    for (const how of ['httpGet', 'tcpSocket', 'grpc']) {
      const port = at(probe, how, 'port');
      if (port !== undefined && !ports.has(String(port)))
        faults.push(`${kind} asks port ${String(port)}, which it has not`);
    }
  }
  const paths = PROBES.map((kind) => textAt(container, kind, 'httpGet', 'path'));
  if (paths[1] !== '' && paths[1] === paths[2])
    faults.push(`livenessProbe and readinessProbe both ask ${paths[1]}: what cannot serve for now would be killed`);
  return faults.map((fault) => `container ${textAt(container, 'name')}: ${fault}`);
}
